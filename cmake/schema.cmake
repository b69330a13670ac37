# natsproof_add_schema(<target> PROTOS <file>... [BASE <folder>] [SAMPLES <message>=<file.json>...])
#
# A library <target> of .proto files: protoc's own C++ and beside it validate(), read_json() and write_json() for each message,
# by our plugin. `#include "<file>.natsproof.h"`, as the file is called from BASE on, which is the current folder unless named; the .proto
# files import each other, and "models/schema/rules.proto", the same way.
# With SAMPLES there is a program <target>-bench, too: the serialization benchmarks over these messages.
function(natsproof_add_schema target)
  cmake_parse_arguments(ARG "" "BASE" "PROTOS;SAMPLES" ${ARGN})
  if(NOT ARG_BASE)
    set(ARG_BASE ${CMAKE_CURRENT_SOURCE_DIR})
  endif()
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/${target}.schema)
  file(MAKE_DIRECTORY ${folder})
  set(sources "")
  set(headers "")
  foreach(proto IN LISTS ARG_PROTOS)
    cmake_path(ABSOLUTE_PATH proto BASE_DIRECTORY ${ARG_BASE} NORMALIZE)
    cmake_path(RELATIVE_PATH proto BASE_DIRECTORY ${ARG_BASE} OUTPUT_VARIABLE name)
    cmake_path(REMOVE_EXTENSION name LAST_ONLY)
    set(outputs ${folder}/${name}.pb.cc ${folder}/${name}.pb.h ${folder}/${name}.natsproof.cc ${folder}/${name}.natsproof.h)
    add_custom_command(OUTPUT ${outputs}
      COMMAND protobuf::protoc --proto_path=${ARG_BASE} --proto_path=${natsproof_SOURCE_DIR}
        --plugin=protoc-gen-natsproof=$<TARGET_FILE:protoc-gen-natsproof>
        --cpp_out=${folder} --natsproof_out=${folder} ${proto}
      DEPENDS ${proto} ${natsproof_SOURCE_DIR}/models/schema/rules.proto protoc-gen-natsproof
      COMMENT "Generating ${name}" VERBATIM)
    list(APPEND sources ${folder}/${name}.pb.cc ${folder}/${name}.natsproof.cc)
    list(APPEND headers ${folder}/${name}.pb.h ${folder}/${name}.natsproof.h)
    list(APPEND include_lines "#include \"${name}.natsproof.h\"")
  endforeach()
  add_library(${target} STATIC ${sources} ${headers})
  target_include_directories(${target} SYSTEM PUBLIC ${folder})  # protoc's code is not free of warnings
  target_link_libraries(${target} PUBLIC natsproof_models_runtime natsproof_models_rules)
endfunction()

# Protobuf's C++ of models/schema/rules.proto, which the plugin reads and every schema is compiled with.
function(natsproof_rules_library)
  set(folder ${natsproof_BINARY_DIR}/natsproof_models_rules.schema)
  file(MAKE_DIRECTORY ${folder})
  set(proto ${natsproof_SOURCE_DIR}/models/schema/rules.proto)
  set(outputs ${folder}/models/schema/rules.pb.cc ${folder}/models/schema/rules.pb.h)
  add_custom_command(OUTPUT ${outputs}
    COMMAND protobuf::protoc --proto_path=${natsproof_SOURCE_DIR} --cpp_out=${folder} ${proto}
    DEPENDS ${proto} COMMENT "Generating models/schema/rules" VERBATIM)
  add_library(natsproof_models_rules STATIC ${outputs})
  target_include_directories(natsproof_models_rules SYSTEM PUBLIC ${folder})
  target_link_libraries(natsproof_models_rules PUBLIC protobuf::libprotobuf)
endfunction()
