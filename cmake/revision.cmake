# What a binary was built from: git revision and dirty mark, compiler, flags and library versions.
#
# natsproof_revision(<target>) makes `generated/revision.h` for it, anew in every build: what is captured at configure time
# goes stale with the next commit. The header's time changes only when its content does.
#
# The same file is the script that the build runs: cmake -DSOURCE=<tree> -DHEADER=<file> -P revision.cmake
if(CMAKE_SCRIPT_MODE_FILE)
  set(revision "not available")
  set(dirty "not available")
  find_program(GIT git)
  if(GIT)
    execute_process(COMMAND ${GIT} -C ${SOURCE} rev-parse HEAD OUTPUT_VARIABLE head ERROR_QUIET
                    OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE failed)
    execute_process(COMMAND ${GIT} -C ${SOURCE} status --porcelain --untracked-files=no OUTPUT_VARIABLE changes
                    ERROR_QUIET RESULT_VARIABLE unknown)
    if(NOT failed)
      set(revision ${head})
    endif()
    if(NOT unknown)
      set(dirty "no")
      if(changes)
        set(dirty "yes")
      endif()
    endif()
  endif()
  set(text "// Written by cmake/revision.cmake in every build.
#pragma once

#define NATSPROOF_GIT_REVISION \"${revision}\"
#define NATSPROOF_GIT_DIRTY \"${dirty}\"
")
  set(old "")
  if(EXISTS ${HEADER})
    file(READ ${HEADER} old)
  endif()
  if(NOT old STREQUAL text)
    file(WRITE ${HEADER} "${text}")
  endif()
  return()
endif()

set(natsproof_revision_script ${CMAKE_CURRENT_LIST_FILE})

function(natsproof_revision target)
  set(folder ${PROJECT_BINARY_DIR}/generated)
  add_custom_target(natsproof_revision_header BYPRODUCTS ${folder}/revision.h
    COMMAND ${CMAKE_COMMAND} -DSOURCE=${PROJECT_SOURCE_DIR} -DHEADER=${folder}/revision.h -P ${natsproof_revision_script}
    COMMENT "Looking at the git revision")
  add_dependencies(${target} natsproof_revision_header)
  target_include_directories(${target} PRIVATE ${folder})

  string(TOUPPER "${CMAKE_BUILD_TYPE}" type)
  set(flags "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${type}}")
  if(NATSPROOF_SANITIZE)
    string(APPEND flags " -fsanitize=${NATSPROOF_SANITIZE}")
  endif()
  string(STRIP "${flags}" flags)
  if(natsproof_cold_level)
    string(APPEND flags ", ${natsproof_cold_level} beside the way of a request")
  endif()
  set(libraries "")
  foreach(library "nats.c:${libnats_VERSION}" "fmt:${fmt_VERSION}" "spdlog:${spdlog_VERSION}" "zlib:${ZLIB_VERSION_STRING}"
                  "nlohmann_json:${nlohmann_json_VERSION}" "yaml-cpp:${yaml-cpp_VERSION}" "cpp-httplib:${httplib_VERSION}"
                  "boost:${Boost_VERSION}")
    string(REGEX REPLACE ":(.+)$" " \\1" library "${library}")
    string(REGEX REPLACE ":$" " (version not available)" library "${library}")
    list(APPEND libraries "${library}")
  endforeach()
  list(JOIN libraries ", " libraries)
  target_compile_definitions(${target} PRIVATE
    NATSPROOF_VERSION="${PROJECT_VERSION}" NATSPROOF_BUILD_TYPE="${CMAKE_BUILD_TYPE}"
    NATSPROOF_COMPILER="${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}" NATSPROOF_CXX_FLAGS="${flags}"
    NATSPROOF_LIBRARIES="${libraries}")
endfunction()
