# natsproof_add_schema(<target> PROTOS <file>... [BASE <folder>] [SAMPLES <message>=<file.json>...])
#
# A library <target> of .proto files: protoc's own C++ and beside it validate(), read_json() and write_json() for each message,
# by our plugin. `#include "<file>.natsproof.h"`, as the file is called from BASE on, which is the current folder unless named; the .proto
# files import each other, and "natsproof/rules.proto", the same way.
#
# With SAMPLES there is a program <target>-bench, too, built when it is asked for: the serialization benchmarks, each over one
# message of the user's own. `shop.v1.Basket=basket.json`: a message that is not inside another one, with its package, and a JSON document
# that is read when the program starts.
function(natsproof_add_schema target)
  cmake_parse_arguments(ARG "" "BASE" "PROTOS;SAMPLES" ${ARGN})
  if(NOT ARG_BASE)
    set(ARG_BASE ${CMAKE_CURRENT_SOURCE_DIR})
  endif()
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/${target}.schema)
  file(MAKE_DIRECTORY ${folder})
  get_target_property(rules_base natsproof_models_rules natsproof_base)
  set(sources "")
  set(headers "")
  foreach(proto IN LISTS ARG_PROTOS)
    cmake_path(ABSOLUTE_PATH proto BASE_DIRECTORY ${ARG_BASE} NORMALIZE)
    cmake_path(RELATIVE_PATH proto BASE_DIRECTORY ${ARG_BASE} OUTPUT_VARIABLE name)
    cmake_path(REMOVE_EXTENSION name LAST_ONLY)
    set(outputs ${folder}/${name}.pb.cc ${folder}/${name}.pb.h ${folder}/${name}.natsproof.cc ${folder}/${name}.natsproof.h)
    add_custom_command(OUTPUT ${outputs}
      COMMAND protobuf::protoc --proto_path=${ARG_BASE} --proto_path=${rules_base}
        --plugin=protoc-gen-natsproof=$<TARGET_FILE:protoc-gen-natsproof>
        --cpp_out=${folder} --natsproof_out=${folder} ${proto}
      DEPENDS ${proto} ${rules_base}/natsproof/rules.proto protoc-gen-natsproof
      COMMENT "Generating ${name}" VERBATIM)
    list(APPEND sources ${folder}/${name}.pb.cc ${folder}/${name}.natsproof.cc)
    list(APPEND headers ${folder}/${name}.pb.h ${folder}/${name}.natsproof.h)
    list(APPEND include_lines "#include \"${name}.natsproof.h\"")
  endforeach()
  add_library(${target} STATIC ${sources} ${headers})
  target_include_directories(${target} SYSTEM PUBLIC ${folder})  # protoc's code is not free of warnings
  target_link_libraries(${target} PUBLIC natsproof_models_runtime natsproof_models_rules)
  if(ARG_SAMPLES OR "SAMPLES" IN_LIST ARG_KEYWORDS_MISSING_VALUES)
    list(JOIN include_lines "\n" include_lines)
    natsproof_sample_benchmarks(${target} "${include_lines}" "${ARG_PROTOS}" ${ARG_BASE} ${ARG_SAMPLES})
  endif()
endfunction()

# natsproof_sample_benchmarks(<target> <#include lines> <protos> <base> <message>=<file.json>...): <target>-bench.
function(natsproof_sample_benchmarks target include_lines protos base)
  set(wrong "natsproof_add_schema(${target} ... SAMPLES ...)")
  set(form "an entry is <package.Message>=<file.json>, as in shop.v1.Basket=basket.json")
  if(NOT TARGET natsproof_bench_serialization)
    message(FATAL_ERROR "${wrong}: Google Benchmark is missing. Install it (apt-get install libbenchmark-dev), or leave SAMPLES out.")
  endif()
  if(NOT ARGN)
    message(FATAL_ERROR "${wrong}: there is no sample; ${form}.")
  endif()
  set(known "")
  set(outermost "")
  foreach(proto IN LISTS protos)
    cmake_path(ABSOLUTE_PATH proto BASE_DIRECTORY ${base} NORMALIZE)
    set(package "")
    file(STRINGS ${proto} lines REGEX "^[ \t]*(package|message)[ \t]")
    foreach(line IN LISTS lines)
      if(line MATCHES "^[ \t]*package[ \t]+([A-Za-z0-9_.]+)")
        set(package "${CMAKE_MATCH_1}.")
      elseif(line MATCHES "^[ \t]*message[ \t]+([A-Za-z0-9_]+)")
        set(message "${package}${CMAKE_MATCH_1}")
        list(APPEND known ${message})
        if(NOT line MATCHES "^[ \t]")  # the others will be nested
          list(APPEND outermost ${message})
        endif()
      endif()
    endforeach()
  endforeach()
  list(JOIN outermost ", " outermost)
  set(models "")
  set(registrations "")
  foreach(sample IN LISTS ARGN)
    if(NOT sample MATCHES "^([A-Za-z_][A-Za-z0-9_.]*)=(.+)$")
      message(FATAL_ERROR "${wrong}: `${sample}` is not a sample; ${form}.")
    endif()
    set(message ${CMAKE_MATCH_1})
    set(file ${CMAKE_MATCH_2})
    if(NOT message IN_LIST known)
      message(FATAL_ERROR "${wrong}: `${sample}` names no message of the .proto files, which have: ${outermost}.")
    endif()
    cmake_path(ABSOLUTE_PATH file BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} NORMALIZE)
    if(NOT EXISTS ${file} OR IS_DIRECTORY ${file})
      message(FATAL_ERROR "${wrong}: `${sample}`: there is no file ${file}.")
    endif()
    string(REGEX REPLACE "^.*\\." "" model ${message})
    cmake_path(GET file STEM LAST_ONLY stem)
    string(APPEND model ":${stem}")
    if(model IN_LIST models)
      message(FATAL_ERROR "${wrong}: `${sample}` is a second ${model}; give one of the files another name.")
    endif()
    list(APPEND models ${model})
    string(REPLACE "." "::" type ${message})
    string(APPEND registrations "  if (!natsproof::register_sample<::${type}>(R\"(${model})\", R\"(${file})\")) return 2;\n")
  endforeach()
  set(main ${CMAKE_CURRENT_BINARY_DIR}/${target}.schema/${target}-bench.cc)
  file(GENERATE OUTPUT ${main} CONTENT "// Generated by natsproof_add_schema().
#include \"bench/serialization/program.h\"
#include \"bench/serialization/sample_file.h\"
${include_lines}

int main(int argc, char** argv) {
  if (!natsproof::begin_benchmarks(argc, argv)) return 2;
${registrations}  return natsproof::run_benchmarks().exit_status();
}
")
  add_executable(${target}-bench EXCLUDE_FROM_ALL ${main})
  target_link_libraries(${target}-bench PRIVATE ${target} natsproof_bench_serialization)
endfunction()

# natsproof_rules_library(): Protobuf's C++ of natsproof/rules.proto, which the plugin reads and every schema is compiled with.
set(NATSPROOF_EXTENSION "" CACHE STRING "Number of the option (natsproof.rules), where another option has the one of natsproof/rules.proto")
function(natsproof_rules_library)
  set(base ${natsproof_SOURCE_DIR}/models/rules)
  if(NOT NATSPROOF_EXTENSION STREQUAL "")
    if(NOT NATSPROOF_EXTENSION MATCHES "^[1-9][0-9]+$")
      message(FATAL_ERROR "NATSPROOF_EXTENSION=${NATSPROOF_EXTENSION} is not a number; 1000 to 536870910 can be used.")
    endif()
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${base}/natsproof/rules.proto)
    file(READ ${base}/natsproof/rules.proto text)
    math(EXPR of_check "${NATSPROOF_EXTENSION} + 1")
    string(REGEX REPLACE "(FieldRules rules) = [0-9]+;" "\\1 = ${NATSPROOF_EXTENSION};" text "${text}")
    string(REGEX REPLACE "(repeated string check) = [0-9]+;" "\\1 = ${of_check};" text "${text}")
    set(base ${natsproof_BINARY_DIR}/natsproof_models_rules.renumbered)
    file(CONFIGURE OUTPUT ${base}/natsproof/rules.proto CONTENT "${text}" @ONLY)
  endif()
  set(folder ${natsproof_BINARY_DIR}/natsproof_models_rules.schema)
  file(MAKE_DIRECTORY ${folder})
  set(outputs ${folder}/natsproof/rules.pb.cc ${folder}/natsproof/rules.pb.h)
  add_custom_command(OUTPUT ${outputs}
    COMMAND protobuf::protoc --proto_path=${base} --cpp_out=${folder} ${base}/natsproof/rules.proto
    DEPENDS ${base}/natsproof/rules.proto COMMENT "Generating natsproof/rules" VERBATIM)
  add_library(natsproof_models_rules STATIC ${outputs})
  set_target_properties(natsproof_models_rules PROPERTIES natsproof_base ${base})
  target_include_directories(natsproof_models_rules SYSTEM PUBLIC ${folder})
  target_link_libraries(natsproof_models_rules PUBLIC protobuf::libprotobuf)
endfunction()
