# A toolchain file: the compiler is the clang that is installed, whatever its version. -DCMAKE_CXX_COMPILER= goes first.
if(NOT CMAKE_CXX_COMPILER)
  execute_process(COMMAND ${CMAKE_CURRENT_LIST_DIR}/../scripts/llvm.sh clang++
                  OUTPUT_VARIABLE CMAKE_CXX_COMPILER OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE missing)
  if(missing)
    message(FATAL_ERROR "There is no clang++ on the path. On Debian: apt-get install clang libclang-rt-dev, or scripts/setup.sh --test")
  endif()
endif()
