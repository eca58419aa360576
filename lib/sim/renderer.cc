// SPDX-License-Identifier: Apache-2.0
// EGL surfaceless context and MuJoCo's OpenGL renderer.
#include "sim/renderer.h"

#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <GL/gl.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <vector>

#include "sim/mujoco_error.h"

namespace qt::sim {
namespace {

constexpr float kNear_m = 0.05f, kFar_m = 5.0f;

// OpenGL's function pointers are loaded into globals by each mjr_makeContext, and EGL's first
// initialisation reads the environment: both under one lock.
std::mutex& SetupMutex() {
  static std::mutex mutex;
  return mutex;
}

std::string EglError(const char* what) {
  char code[16];
  std::snprintf(code, sizeof code, "0x%x", unsigned(eglGetError()));
  return std::string(what) + " failed (EGL error " + code + "); install libegl1 and a Mesa driver";
}

bool ListHolds(const char* list, const char* word) {
  return list != nullptr && std::strstr(list, word) != nullptr;
}

// A display on a GPU if there is one that initialises, or EGL_NO_DISPLAY.
EGLDisplay OpenGpuDisplay() {
  const auto query =
      reinterpret_cast<PFNEGLQUERYDEVICESEXTPROC>(eglGetProcAddress("eglQueryDevicesEXT"));
  const auto name = reinterpret_cast<PFNEGLQUERYDEVICESTRINGEXTPROC>(
      eglGetProcAddress("eglQueryDeviceStringEXT"));
  const auto open = reinterpret_cast<PFNEGLGETPLATFORMDISPLAYEXTPROC>(
      eglGetProcAddress("eglGetPlatformDisplayEXT"));
  if (query == nullptr || name == nullptr || open == nullptr) return EGL_NO_DISPLAY;
  EGLDeviceEXT devices[16];
  EGLint n = 0;
  if (!query(16, devices, &n)) return EGL_NO_DISPLAY;
  for (EGLint i = 0; i < n; ++i) {
    if (ListHolds(name(devices[i], EGL_EXTENSIONS), "EGL_MESA_device_software")) continue;
    const EGLDisplay display = open(EGL_PLATFORM_DEVICE_EXT, devices[i], nullptr);
    if (display != EGL_NO_DISPLAY && eglInitialize(display, nullptr, nullptr)) return display;
  }
  return EGL_NO_DISPLAY;
}

Result<EGLDisplay> OpenDisplay() {
  // Tiny images: worker threads of the software rasteriser only cost time. Read once by Mesa.
  setenv("LP_NUM_THREADS", "0", /*overwrite=*/0);
  if (const EGLDisplay gpu = OpenGpuDisplay(); gpu != EGL_NO_DISPLAY) return gpu;
  // A shader cache saves nothing here, and Mesa complains on stderr where it cannot make one.
  setenv("MESA_SHADER_CACHE_DISABLE", "true", /*overwrite=*/0);
  const char* extensions = eglQueryString(EGL_NO_DISPLAY, EGL_EXTENSIONS);
  if (!ListHolds(extensions, "EGL_MESA_platform_surfaceless")) {
    return Failed("EGL has no surfaceless platform; install libegl-mesa0");
  }
  const EGLDisplay display =
      eglGetPlatformDisplay(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, nullptr);
  if (display == EGL_NO_DISPLAY) return Failed(EglError("eglGetPlatformDisplay"));
  if (!eglInitialize(display, nullptr, nullptr)) return Failed(EglError("eglInitialize"));
  return display;
}

// The process's one display; never terminated, other Worlds may still use it.
Result<EGLDisplay> SharedDisplay() {
  static const Result<EGLDisplay> display = OpenDisplay();
  return display;
}

Result<EGLContext> CreateContext(EGLDisplay display) {
  const EGLint wanted[] = {
      EGL_RED_SIZE,     8, EGL_GREEN_SIZE, 8, EGL_BLUE_SIZE, 8, EGL_RENDERABLE_TYPE, EGL_OPENGL_BIT,
      EGL_SURFACE_TYPE, 0, EGL_NONE};
  EGLConfig config = nullptr;
  EGLint n = 0;
  if (!eglChooseConfig(display, wanted, &config, 1, &n) || n == 0) {
    return Failed(EglError("eglChooseConfig"));
  }
  if (!eglBindAPI(EGL_OPENGL_API)) return Failed(EglError("eglBindAPI"));
  const EGLContext context = eglCreateContext(display, config, EGL_NO_CONTEXT, nullptr);
  if (context == EGL_NO_CONTEXT) return Failed(EglError("eglCreateContext"));
  return context;
}

std::string GlText(GLenum name) {
  const GLubyte* text = glGetString(name);
  return text != nullptr ? reinterpret_cast<const char*>(text) : "unknown";
}

// What MuJoCo demands of OpenGL, and ends the process for.
Status CheckOpenGl() {
  const std::string version = GlText(GL_VERSION);
  const char* wanting = nullptr;
  if (std::atof(version.c_str()) < 1.5) wanting = "version 1.5 or newer";
  const auto* extensions = reinterpret_cast<const char*>(glGetString(GL_EXTENSIONS));
  for (const char* extension : {"GL_ARB_framebuffer_object", "GL_ARB_vertex_buffer_object"}) {
    if (wanting == nullptr && !ListHolds(extensions, extension)) wanting = extension;
  }
  if (wanting == nullptr) return Ok();
  return Failed("OpenGL " + version + " (" + GlText(GL_RENDERER) + ") lacks " + wanting +
                ", which rendering needs; install libgl1-mesa-dri, or a driver of the GPU");
}

// MuJoCo's camera looks along `forward`; the frustum is given at the near plane.
mjvGLCamera ToGl(const CameraModel& camera) {
  mjvGLCamera gl{};
  const Mat3 R_WC = ToMatrix(camera.X_WC.q);
  for (int i = 0; i < 3; ++i) {
    gl.pos[i] = float(camera.X_WC.p_m[i]);
    gl.forward[i] = float(R_WC[i][2]);
    gl.up[i] = float(-R_WC[i][1]);
  }
  const double near_px = kNear_m / camera.fy_px;
  gl.frustum_near = kNear_m;
  gl.frustum_far = kFar_m;
  gl.frustum_top = float((camera.cy_px + 0.5) * near_px);
  gl.frustum_bottom = float((camera.cy_px + 0.5 - camera.height_px) * near_px);
  gl.frustum_center = float((0.5 * (camera.width_px - 1) - camera.cx_px) * kNear_m / camera.fx_px);
  return gl;
}

}  // namespace

struct Renderer::Impl {
  EGLDisplay display = EGL_NO_DISPLAY;
  EGLContext context = EGL_NO_CONTEXT;
  mjrContext gl;
  mjvScene scene;
  mjvOption option;
  mjvCamera any_camera;
  int width_px = 0, height_px = 0;
  std::string driver;
  std::vector<uint8_t> bottom_up;

  bool MakeCurrent() {
    return eglBindAPI(EGL_OPENGL_API) &&
           eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, context);
  }
  // REQUIRES: current.
  void MakeScene(const mjModel* model) {
    mjv_makeScene(model, &scene, /*maxgeom=*/500);
    for (const int flag : {mjRND_SHADOW, mjRND_REFLECTION, mjRND_SKYBOX, mjRND_FOG, mjRND_HAZE}) {
      scene.flags[flag] = 0;
    }
    scene.flags[mjRND_SHADOW] = model->vis.quality.shadowsize > 0;
    mjr_makeContext(model, &gl, mjFONTSCALE_50);
    mjr_setBuffer(mjFB_OFFSCREEN, &gl);
  }
  void Release() { eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT); }
};

Renderer::Renderer() : impl_(std::make_unique<Impl>()) {
  mjr_defaultContext(&impl_->gl);
  mjv_defaultScene(&impl_->scene);
  mjv_defaultOption(&impl_->option);
  mjv_defaultCamera(&impl_->any_camera);
}

Renderer::~Renderer() {
  mjv_freeScene(&impl_->scene);
  if (impl_->context == EGL_NO_CONTEXT) return;
  const std::lock_guard lock(SetupMutex());
  if (impl_->width_px > 0 && impl_->MakeCurrent()) {
    mjr_freeContext(&impl_->gl);
    impl_->Release();
  }
  eglDestroyContext(impl_->display, impl_->context);
}

Result<std::unique_ptr<Renderer>> Renderer::Create(mjModel* model, int width_px, int height_px) {
  std::unique_ptr<Renderer> renderer(new Renderer);  // its destructor locks, too
  const std::lock_guard lock(SetupMutex());
  Impl& impl = *renderer->impl_;
  QT_ASSIGN(impl.display, SharedDisplay());
  QT_ASSIGN(impl.context, CreateContext(impl.display));
  if (!impl.MakeCurrent()) return Failed(EglError("eglMakeCurrent"));
  if (Status usable = CheckOpenGl(); !usable.ok()) {
    impl.Release();
    return usable;
  }
  model->vis.global.offwidth = width_px;
  model->vis.global.offheight = height_px;
  try {
    impl.MakeScene(model);
  } catch (const MujocoError& error) {
    impl.Release();
    return Failed(error.what());
  }
  impl.driver = GlText(GL_RENDERER) + ", " + GlText(GL_VERSION);
  const bool offscreen = impl.gl.currentBuffer == mjFB_OFFSCREEN;
  impl.Release();
  if (!offscreen) return Failed("OpenGL offers no offscreen framebuffer");
  impl.width_px = width_px;
  impl.height_px = height_px;
  impl.bottom_up.resize(RgbBytes(width_px, height_px));
  return renderer;
}

const std::string& Renderer::driver() const { return impl_->driver; }

void Renderer::Load(const mjModel* model) {
  if (model->ntex == 0) return;
  impl_->MakeCurrent();
  for (int t = 0; t < model->ntex; ++t) mjr_uploadTexture(model, &impl_->gl, t);
  impl_->Release();
}

RgbImage Renderer::Render(const mjModel* model, mjData* data, const CameraModel& camera,
                          bool show_gripper, const char* caption) {
  Impl& impl = *impl_;
  impl.option.geomgroup[1] = show_gripper;
  mjv_updateScene(model, data, &impl.option, nullptr, &impl.any_camera, mjCAT_ALL, &impl.scene);
  impl.scene.camera[0] = impl.scene.camera[1] = ToGl(camera);
  impl.MakeCurrent();
  const mjrRect frame = {0, 0, impl.width_px, impl.height_px};
  mjr_render(frame, &impl.scene, &impl.gl);
  if (caption != nullptr) {
    mjr_overlay(mjFONT_NORMAL, mjGRID_BOTTOMLEFT, frame, caption, nullptr, &impl.gl);
  }
  mjr_readPixels(impl.bottom_up.data(), nullptr, frame, &impl.gl);
  impl.Release();
  RgbImage image{impl.width_px, impl.height_px, {}};
  image.rgb_HWC.resize(impl.bottom_up.size());
  const size_t row = RgbBytes(impl.width_px, 1);
  for (int v = 0; v < impl.height_px; ++v) {
    const auto from = impl.bottom_up.begin() + (impl.height_px - 1 - v) * std::ptrdiff_t(row);
    std::copy_n(from, row, image.rgb_HWC.begin() + v * std::ptrdiff_t(row));
  }
  return image;
}

}  // namespace qt::sim
