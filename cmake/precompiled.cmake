# Headers that are parsed once for many sources: the libraries' only, never our own, so that a room sees of ours what it includes and
# nothing else. Every file includes what it uses all the same: -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON builds without.

set(natsproof_headers_common
  algorithm array atomic bit cassert cerrno charconv chrono cmath cstddef cstdint cstdio cstdlib cstring filesystem functional iterator
  limits map memory mutex numeric optional set span stdexcept string string_view system_error thread tuple type_traits utility variant
  vector fmt/format.h fmt/ranges.h)
set(natsproof_libraries_common fmt::fmt)

set(natsproof_headers_json ${natsproof_headers_common} nlohmann/json.hpp)
set(natsproof_libraries_json fmt::fmt nlohmann_json::nlohmann_json)

set(natsproof_headers_models ${natsproof_headers_common} google/protobuf/descriptor.h google/protobuf/duration.pb.h
  google/protobuf/empty.pb.h google/protobuf/field_mask.pb.h google/protobuf/generated_message_reflection.h
  google/protobuf/map_field_inl.h google/protobuf/message.h google/protobuf/reflection_ops.h google/protobuf/struct.pb.h
  google/protobuf/timestamp.pb.h google/protobuf/wire_format.h google/protobuf/wrappers.pb.h simdjson.h)
set(natsproof_libraries_models fmt::fmt protobuf::libprotobuf simdjson::simdjson)

set(natsproof_headers_tests ${natsproof_headers_common} fstream gmock/gmock.h gtest/gtest.h)
set(natsproof_libraries_tests fmt::fmt GTest::gmock)

set(natsproof_headers_tests_all ${natsproof_headers_models} nlohmann/json.hpp fstream gmock/gmock.h gtest/gtest.h)
set(natsproof_libraries_tests_all ${natsproof_libraries_models} nlohmann_json::nlohmann_json GTest::gmock)

set(natsproof_headers_sim ${natsproof_headers_tests})
set(natsproof_libraries_sim ${natsproof_libraries_tests})

# What the tests do themselves is not worth optimising.
set(natsproof_options_tests $<$<CONFIG:Dev>:-O0>)
set(natsproof_options_tests_all ${natsproof_options_tests})

# The level of what is not on the way of a request: there, compiling takes half the time. Nothing: as the rest.
set(natsproof_cold_level "")
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  set(natsproof_cold_level -O1)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    set(natsproof_cold_level -Og)
  endif()
endif()

# natsproof_precompile(<target> <set> [COLD]): one of the sets above. REQUIRES: natsproof's own target, for a user's may have other options.
#
# COLD: nothing in the target is on the way of a request.
function(natsproof_precompile target set)
  cmake_parse_arguments(PARSE_ARGV 2 ARG "COLD" "" "")
  set(headers natsproof_precompiled_${set})
  set(cold "")
  if(ARG_COLD AND natsproof_cold_level)
    set(cold ${natsproof_cold_level})
    string(APPEND headers _cold)  # g++ 13 and later do not take what was parsed at another level
  endif()
  target_compile_options(${target} PRIVATE ${cold})
  if(CMAKE_DISABLE_PRECOMPILE_HEADERS)
    return()
  endif()
  if(NOT TARGET ${headers})
    set(source ${natsproof_BINARY_DIR}/precompiled/${headers}.cc)
    if(NOT EXISTS ${source})
      file(WRITE ${source} "// Made by cmake/precompiled.cmake, for there has to be one.\n")
    endif()
    add_library(${headers} OBJECT EXCLUDE_FROM_ALL ${source})
    target_link_libraries(${headers} PRIVATE natsproof_options ${natsproof_libraries_${set}})
    target_compile_options(${headers} PRIVATE ${natsproof_options_${set}} ${cold})
    list(TRANSFORM natsproof_headers_${set} REPLACE "(.+)" "<\\1>")
    target_precompile_headers(${headers} PRIVATE ${natsproof_headers_${set}})
  endif()
  # g++ takes them only where the macros that they look at are defined alike.
  foreach(library IN LISTS natsproof_libraries_${set})
    target_compile_definitions(${target} PRIVATE $<TARGET_PROPERTY:${library},INTERFACE_COMPILE_DEFINITIONS>)
  endforeach()
  target_compile_options(${target} PRIVATE ${natsproof_options_${set}})
  target_precompile_headers(${target} REUSE_FROM ${headers})
endfunction()
