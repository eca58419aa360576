# Drawing is one command of many: the others do not wait for OpenCV to be loaded.
ldd "$(command -v qt-data)" | grep opencv || echo none
