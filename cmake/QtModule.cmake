# SPDX-License-Identifier: Apache-2.0
# qt_module(NAME [HOT|COLD] [DEPS module...] [LIBS library...] [PCH header...] [PCH_FROM module])
#   the library lib/NAME: all its *.cc; includes only headers of DEPS. PCH headers are precompiled where QT_PCH is on.
#   HOT: inner loops of our own, -O3 in a release build. COLD: what runs once a command or waits for others, -O1.
# qt_tool(NAME [DEPS module...] [LIBS library...])
#   the program tools/NAME: all its *.cc; cold.
# A folder of lib or tools with such a call is all there is to a new module or tool. .ci/check_layers.py reads the calls.

# With QT_UNITY all sources of a target are compiled as one; a source with options of its own stays alone.
function(qt_unity target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${QT_UNITY} UNITY_BUILD_BATCH_SIZE 0)
  if(QT_UNITY)  # g++ takes each source for a header then, and warns of what a header may not do
    target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
  endif()
endfunction()

function(qt_optimise target level)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:${level}>)
endfunction()

function(qt_module name)
  cmake_parse_arguments(arg "HOT;COLD" "PCH_FROM" "DEPS;LIBS;PCH" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  list(TRANSFORM arg_DEPS PREPEND qt_)
  if(sources)
    add_library(qt_${name} STATIC ${sources})
    target_include_directories(qt_${name} PUBLIC ${CMAKE_SOURCE_DIR}/lib)
    target_link_libraries(qt_${name} PUBLIC ${arg_DEPS} PRIVATE ${arg_LIBS} Threads::Threads)
    qt_unity(qt_${name})
    if(arg_HOT)
      qt_optimise(qt_${name} -O3)
    elseif(arg_COLD)
      qt_optimise(qt_${name} -O1)
    endif()
    if(QT_PCH AND arg_PCH)
      target_precompile_headers(qt_${name} PRIVATE ${arg_PCH})
    elseif(QT_PCH AND arg_PCH_FROM)
      target_precompile_headers(qt_${name} REUSE_FROM qt_${arg_PCH_FROM})
    endif()
  else()
    add_library(qt_${name} INTERFACE)
    target_include_directories(qt_${name} INTERFACE ${CMAKE_SOURCE_DIR}/lib)
    target_link_libraries(qt_${name} INTERFACE ${arg_DEPS})
  endif()
endfunction()

# qt_interface(NAME HEADERS header... [DEPS module...])
#   the part of a module that others may include without depending on all of it.
function(qt_interface name)
  cmake_parse_arguments(arg "" "" "HEADERS;DEPS" ${ARGN})
  list(TRANSFORM arg_DEPS PREPEND qt_)
  add_library(qt_${name} INTERFACE)
  target_include_directories(qt_${name} INTERFACE ${CMAKE_SOURCE_DIR}/lib)
  target_link_libraries(qt_${name} INTERFACE ${arg_DEPS})
endfunction()

function(qt_tool name)
  cmake_parse_arguments(arg "" "" "DEPS;LIBS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  list(TRANSFORM arg_DEPS PREPEND qt_)
  if(sources)
    add_executable(${name} ${sources})
    target_link_libraries(${name} PRIVATE ${arg_DEPS} ${arg_LIBS})
    qt_unity(${name})
    qt_optimise(${name} -O1)
    qt_man_prose(${name})
    install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
    qt_install_texts(${name})
  endif()
endfunction()

# qt_man_prose(TOOL): puts tools/TOOL/*.1.md (TOOL.1.md, and TOOL-COMMAND.1.md of each command) into the program,
# for --help-man.
function(qt_man_prose name)
  file(GLOB pages CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.1.md)
  set(pages_prose)
  foreach(markdown ${pages})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${markdown})
    get_filename_component(page ${markdown} NAME)
    string(REPLACE ".1.md" "" page ${page})
    file(READ ${markdown} prose)
    string(LENGTH "${prose}" length)
    if(length GREATER 16000)
      message(FATAL_ERROR "${markdown} is too long for one string literal")
    endif()
    string(APPEND pages_prose
      "    qt::cli::SetManProse(\"${page}\", R\"qt_prose(${prose})qt_prose\"),\n")
  endforeach()
  if(pages)
    file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/man_prose.cc @ONLY CONTENT
"#include \"cli/tool.h\"

namespace {
[[maybe_unused]] const bool registered[] = {
@pages_prose@};
}
")
    target_sources(${name} PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/man_prose.cc)
  endif()
endfunction()

# qt_install_texts(TOOL): its man pages and completions, printed by the built program.
function(qt_install_texts name)
  set(out ${CMAKE_CURRENT_BINARY_DIR})
  set(pages)
  set(print_pages)
  file(GLOB markdowns CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.1.md)
  foreach(markdown ${markdowns})
    get_filename_component(page ${markdown} NAME)
    string(REPLACE ".1.md" "" page ${page})
    string(REGEX REPLACE "^${name}-?" "" command ${page})
    list(APPEND pages ${out}/${page}.1)
    list(APPEND print_pages COMMAND ${name} ${command} --help-man > ${out}/${page}.1)
  endforeach()
  add_custom_command(OUTPUT ${pages} ${out}/${name}.bash ${out}/_${name} ${out}/${name}.fish
    ${print_pages}
    COMMAND ${name} --completion bash > ${out}/${name}.bash
    COMMAND ${name} --completion zsh > ${out}/_${name}
    COMMAND ${name} --completion fish > ${out}/${name}.fish
    DEPENDS ${name} VERBATIM)
  add_custom_target(${name}_texts ALL DEPENDS ${pages})
  install(FILES ${pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
  set(share ${CMAKE_INSTALL_DATADIR})
  install(FILES ${out}/${name}.bash DESTINATION ${share}/bash-completion/completions RENAME ${name})
  install(FILES ${out}/_${name} DESTINATION ${share}/zsh/site-functions)
  install(FILES ${out}/${name}.fish DESTINATION ${share}/fish/vendor_completions.d)
endfunction()

# qt_unit_test(MODULE [LIBS library...]): tests/unit/MODULE/*_test.cc as one program.
function(qt_unit_test module)
  cmake_parse_arguments(arg "" "" "LIBS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/unit/${module}/*_test.cc)
  if(sources)
    add_executable(${module}_test ${sources})
    qt_unity(${module}_test)
    target_include_directories(${module}_test PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
    target_link_libraries(${module}_test PRIVATE qt_${module} ${arg_LIBS} GTest::gmock GTest::gtest_main)
    add_test(NAME unit.${module} COMMAND ${module}_test)
  endif()
endfunction()
