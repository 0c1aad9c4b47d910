# rowferry_library(NAME DEPENDS <our libraries> LINKS <other libraries>): the .cpp files of this
# folder as one static library. The list of files is found, so that a new file needs no edit here.
function(rowferry_library name)
  cmake_parse_arguments(arg "" "" "DEPENDS;LINKS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS *.cpp)
  if(NOT sources)
    return()
  endif()
  add_library(rowferry_${name} STATIC ${sources})
  list(TRANSFORM arg_DEPENDS PREPEND rowferry_)
  target_link_libraries(rowferry_${name} PUBLIC rowferry_options ${arg_DEPENDS} ${arg_LINKS})
  rowferry_precompile(rowferry_${name})
  set_property(GLOBAL APPEND PROPERTY ROWFERRY_LIBRARIES ${name})
endfunction()

# rowferry_libraries(RESULT PATTERN): the names of our libraries so far that match.
function(rowferry_libraries result pattern)
  get_property(names GLOBAL PROPERTY ROWFERRY_LIBRARIES)
  list(FILTER names INCLUDE REGEX "${pattern}")
  set(${result} ${names} PARENT_SCOPE)
endfunction()

# Boost.Asio's coroutine headers and the usual containers, compiled once for the whole tree.
function(rowferry_precompile target)
  if(target STREQUAL "rowferry_base")
    target_precompile_headers(${target} PRIVATE ${CMAKE_SOURCE_DIR}/cmake/precompiled.hpp)
  else()
    target_precompile_headers(${target} REUSE_FROM rowferry_base)
  endif()
endfunction()

# rowferry_test(NAME SOURCES <files> DEPENDS <our libraries> LINKS <others>): one gtest executable.
function(rowferry_test name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS;LINKS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  list(TRANSFORM arg_DEPENDS PREPEND rowferry_)
  target_link_libraries(${name} PRIVATE rowferry_options ${arg_DEPENDS} ${arg_LINKS}
    GTest::gtest GTest::gmock GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE ROWFERRY_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  add_test(NAME ${name} COMMAND ${name})
endfunction()
