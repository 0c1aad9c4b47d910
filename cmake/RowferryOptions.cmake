# Compiler and linker options that every target of ours shares: the interface target rowferry_options.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1")

add_library(rowferry_options INTERFACE)
target_include_directories(rowferry_options INTERFACE ${CMAKE_SOURCE_DIR}/lib ${CMAKE_SOURCE_DIR})
# ccache understands precompiled headers of GCC only with -fpch-preprocess.
target_compile_options(rowferry_options INTERFACE
  -fcoroutines -fpch-preprocess -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion
  -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual)
if(ROWFERRY_WARNINGS_AS_ERRORS)
  # g++ 12 raises these falsely in Asio's and the standard library's own inlined code.
  target_compile_options(rowferry_options INTERFACE -Werror
    -Wno-error=array-bounds -Wno-error=maybe-uninitialized -Wno-error=mismatched-new-delete
    -Wno-error=stringop-overflow -Wno-error=stringop-overread -Wno-error=restrict)
endif()
target_compile_definitions(rowferry_options INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
  BOOST_ALLOW_DEPRECATED_HEADERS)
find_package(Threads REQUIRED)
target_link_libraries(rowferry_options INTERFACE Threads::Threads)

find_program(ROWFERRY_MOLD mold)
if(ROWFERRY_MOLD)
  target_link_options(rowferry_options INTERFACE -fuse-ld=mold)
endif()

# The full undefined-behaviour set makes Beast four times slower to compile; this subset finds what
# our code could do wrong.
if(ROWFERRY_SANITIZE STREQUAL "address")
  set(sanitizers -fsanitize=address
    -fsanitize=signed-integer-overflow,shift,bounds,float-cast-overflow,enum,bool
    -fno-sanitize-recover=all)
elseif(ROWFERRY_SANITIZE STREQUAL "thread")
  set(sanitizers -fsanitize=thread)
  # GCC's thread sanitizer does not know fences.
  target_compile_definitions(rowferry_options INTERFACE BOOST_ASIO_DISABLE_FENCED_BLOCK)
endif()
target_compile_options(rowferry_options INTERFACE ${sanitizers})
target_link_options(rowferry_options INTERFACE ${sanitizers})
