# SPDX-License-Identifier: Apache-2.0
# Compiler flags that every target shares.
add_compile_options(-Wall -Wextra)
if(QT_WERROR)
  add_compile_options(-Werror)
endif()
if(QT_SANITIZE)
  add_compile_options(-fsanitize=${QT_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${QT_SANITIZE})
endif()
if(QT_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link -fno-sanitize-recover=all)
endif()
# No absolute path of the build machine in messages and debug information.
add_compile_options(-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
# Unused functions of the static modules are dropped, so that a tool loads only
# the shared libraries it calls.
add_compile_options(-ffunction-sections -fdata-sections)
add_link_options(-Wl,--gc-sections -Wl,--as-needed)

find_program(CCACHE ccache)
if(QT_CCACHE AND CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      ${CCACHE})
endif()
