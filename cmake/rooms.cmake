# A room is a folder of the house: every .cc in it becomes one static library named after its path, so that adding a
# file needs no build change, and a room can include only what it links.

# Warnings and sanitizers are for our own code; libraries' headers are system headers.
add_library(natsproof_options INTERFACE)
target_include_directories(natsproof_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_features(natsproof_options INTERFACE cxx_std_20)
if(PROJECT_IS_TOP_LEVEL)  # they would reach the code of a project that links a schema
  target_compile_options(natsproof_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
    -Wno-sign-conversion -Wno-missing-field-initializers -Wnon-virtual-dtor -Woverloaded-virtual $<$<BOOL:${NATSPROOF_WERROR}>:-Werror>)
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

# natsproof_room(<path> LINK <public libraries>... [PRIVATE <libraries>...])
function(natsproof_room path)
  cmake_parse_arguments(ARG "" "" "LINK;PRIVATE" ${ARGN})
  string(REPLACE "/" "_" name "natsproof_${path}")
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${path}/*.cc)
  if(sources)
    add_library(${name} STATIC ${sources})
    target_link_libraries(${name} PUBLIC natsproof_options ${ARG_LINK} PRIVATE ${ARG_PRIVATE})
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE natsproof_options ${ARG_LINK})
  endif()
endfunction()
