# An OpenGL that cannot render is a sentence, with a report and no leftovers.
export __EGL_VENDOR_LIBRARY_FILENAMES=/usr/share/glvnd/egl_vendor.d/50_mesa.json
MESA_GL_VERSION_OVERRIDE=1.4 qt-collect -n 1 --policy random -o a.mcap --json || echo "exit $?"
MESA_EXTENSION_OVERRIDE=-GL_ARB_framebuffer_object qt-collect -n 1 --policy random -o a.mcap || echo "exit $?"
ls -A
