# A room is a folder of the house: every .cc in it becomes one static library named after its path, so that adding a
# file needs no build change, and a room can include only what it links.

# Warnings and sanitizers are for our own code; libraries' headers are system headers.
add_library(natsproof_options INTERFACE)
target_include_directories(natsproof_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_features(natsproof_options INTERFACE cxx_std_20)
if(PROJECT_IS_TOP_LEVEL)  # they would reach the code of a project that links a schema
  # Release leaves the check of format strings at compile time, a twentieth of the build, to the other presets.
  target_compile_definitions(natsproof_options INTERFACE $<$<CONFIG:Release>:FMT_CONSTEVAL=>)
  target_compile_options(natsproof_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
    -Wno-sign-conversion -Wno-missing-field-initializers -Wnon-virtual-dtor -Woverloaded-virtual $<$<BOOL:${NATSPROOF_WERROR}>:-Werror>)
  # g++'s warnings of bounds come from what it inlined. With precompiled headers that is other code of std::string, and they are wrong.
  target_compile_options(natsproof_options INTERFACE
    "$<$<AND:$<CXX_COMPILER_ID:GNU>,$<NOT:$<BOOL:${CMAKE_DISABLE_PRECOMPILE_HEADERS}>>>:-Wno-array-bounds;-Wno-restrict;-Wno-stringop-overflow>")
endif()
if(NATSPROOF_SANITIZE)
  target_compile_options(natsproof_options INTERFACE -fsanitize=${NATSPROOF_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  target_link_options(natsproof_options INTERFACE -fsanitize=${NATSPROOF_SANITIZE})
endif()
if(NATSPROOF_FUZZ)  # coverage for libFuzzer in every room; only the targets in tests/fuzz link its main
  target_compile_options(natsproof_options INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(natsproof_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

include(precompiled)

# natsproof_room(<path> LINK <public libraries>... [PRIVATE <libraries>...] [COLD] [HEADERS <set>] [JSON <file>...])
#
# COLD: as natsproof_precompile() has it. HEADERS: the precompiled set, `common` by default. JSON: sources that read or write JSON
# documents, and other cold ones in a room that is not; they have the set `json`.
function(natsproof_room path)
  cmake_parse_arguments(ARG "COLD" "HEADERS" "LINK;PRIVATE;JSON" ${ARGN})
  string(REPLACE "/" "_" name "natsproof_${path}")
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${path}/*.cc)
  if(NOT sources)
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE natsproof_options ${ARG_LINK})
    return()
  endif()
  natsproof_take_json(${name} sources "${ARG_JSON}" ${ARG_LINK} ${ARG_PRIVATE})
  add_library(${name} STATIC ${sources})
  target_link_libraries(${name} PUBLIC natsproof_options ${ARG_LINK} PRIVATE ${ARG_PRIVATE})
  if(NOT ARG_HEADERS)
    set(ARG_HEADERS common)
  endif()
  set(cold "")
  if(ARG_COLD)
    set(cold COLD)
  endif()
  natsproof_precompile(${name} ${ARG_HEADERS} ${cold})
endfunction()

# natsproof_take_json(<room> <variable of its sources> <file names> <library>...): the named sources become the objects of a
# target of their own, in the room all the same.
function(natsproof_take_json name variable files)
  if(NOT files)
    return()
  endif()
  string(REPLACE "." "\\." pattern "/(${files})$")
  string(REPLACE ";" "|" pattern "${pattern}")
  set(json ${${variable}})
  list(FILTER json INCLUDE REGEX "${pattern}")
  list(LENGTH files named)
  list(LENGTH json found)
  if(NOT named EQUAL found)
    message(FATAL_ERROR "${name}: not all of ${files} are there")
  endif()
  add_library(${name}_json OBJECT ${json})
  target_link_libraries(${name}_json PRIVATE natsproof_options ${ARGN})
  natsproof_precompile(${name}_json json COLD)
  list(FILTER ${variable} EXCLUDE REGEX "${pattern}")
  set(${variable} ${${variable}} $<TARGET_OBJECTS:${name}_json> PARENT_SCOPE)
endfunction()
