# Where Mesa can keep no shaders, it says nothing about it.
XDG_CACHE_HOME=/proc/none qt-collect -q -n 1 --seed 1 --policy random -o a.mcap
