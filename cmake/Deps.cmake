# SPDX-License-Identifier: Apache-2.0
# Every third-party library has one home (docs/ARCHITECTURE.md); its module
# links the target named here.
find_package(Threads REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(mujoco REQUIRED)
# Debian's package names the folder of libqhull-dev, which it does not depend on.
get_target_property(mujoco_includes mujoco::mujoco INTERFACE_INCLUDE_DIRECTORIES)
list(FILTER mujoco_includes EXCLUDE REGEX "libqhull_r")
set_target_properties(mujoco::mujoco PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${mujoco_includes}")
if(QT_TESTS)
  find_package(GTest REQUIRED)
endif()
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(PkgConfig REQUIRED)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(lz4 REQUIRED IMPORTED_TARGET liblz4)
pkg_check_modules(deflate REQUIRED IMPORTED_TARGET libdeflate)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(turbojpeg REQUIRED IMPORTED_TARGET libturbojpeg)
pkg_check_modules(png REQUIRED IMPORTED_TARGET libpng)
pkg_check_modules(egl REQUIRED IMPORTED_TARGET egl)
pkg_check_modules(gl REQUIRED IMPORTED_TARGET gl)
pkg_check_modules(assimp REQUIRED IMPORTED_TARGET assimp)
pkg_check_modules(tinyxml2 REQUIRED IMPORTED_TARGET tinyxml2)

# LibTorch: Debian's TorchConfig pulls in more than a C++ program needs, so name the
# libraries and headers directly.
find_path(TORCH_INCLUDE torch/torch.h PATH_SUFFIXES torch/csrc/api/include REQUIRED)
find_library(TORCH_LIB torch REQUIRED)
find_library(TORCH_CPU_LIB torch_cpu REQUIRED)
find_library(C10_LIB c10 REQUIRED)
# With CUDA it comes in two more libraries. Outside of a system folder ATen's headers lie apart.
find_library(TORCH_CUDA_LIB torch_cuda)
find_library(C10_CUDA_LIB c10_cuda)
if(NOT TORCH_CUDA_LIB)
  unset(TORCH_CUDA_LIB CACHE)
  unset(C10_CUDA_LIB CACHE)
endif()
get_filename_component(ATEN_INCLUDE ${TORCH_INCLUDE}/../../../.. ABSOLUTE)
add_library(qt_libtorch INTERFACE)
target_include_directories(qt_libtorch SYSTEM INTERFACE ${TORCH_INCLUDE})
if(NOT ATEN_INCLUDE STREQUAL /usr/include)
  target_include_directories(qt_libtorch SYSTEM INTERFACE ${ATEN_INCLUDE})
endif()
# libtorch registers its kernels when it is loaded: it may not be dropped as unused.
target_link_libraries(qt_libtorch INTERFACE
  -Wl,--no-as-needed ${TORCH_LIB} ${TORCH_CPU_LIB} ${TORCH_CUDA_LIB} ${C10_LIB} ${C10_CUDA_LIB} -Wl,--as-needed)

# OpenCV: core and imgproc only; the rest costs start-up time. (Its CMake package would ask for
# every OpenCV library.)
find_path(OPENCV_INCLUDE opencv2/imgproc.hpp PATH_SUFFIXES opencv4 REQUIRED)
find_library(OPENCV_CORE_LIB opencv_core REQUIRED)
find_library(OPENCV_IMGPROC_LIB opencv_imgproc REQUIRED)
add_library(qt_opencv INTERFACE)
target_include_directories(qt_opencv SYSTEM INTERFACE ${OPENCV_INCLUDE})
target_link_libraries(qt_opencv INTERFACE ${OPENCV_IMGPROC_LIB} ${OPENCV_CORE_LIB})

# Boost.Beast: headers only, and of them only the parser of HTTP.
find_path(BOOST_INCLUDE boost/beast/http/basic_parser.hpp REQUIRED)
add_library(qt_beast INTERFACE)
if(NOT BOOST_INCLUDE STREQUAL /usr/include)
  target_include_directories(qt_beast SYSTEM INTERFACE ${BOOST_INCLUDE})
endif()
