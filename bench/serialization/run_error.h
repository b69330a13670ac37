// How a benchmark's run failed: the fields are `skipped` and `skip_message` from Google
// Benchmark 1.8 on, and were `error_occurred` and `error_message` before.
#pragma once

#include <string>

namespace natsproof {

// REQUIRES: `Run` is benchmark::BenchmarkReporter::Run. Nothing here skips a benchmark but with an
// error.
template <typename Run>
bool has_error(const Run& run) {
  if constexpr (requires { run.error_occurred; }) {
    return run.error_occurred;
  } else {
    return run.skipped != decltype(run.skipped){};
  }
}

template <typename Run>
const std::string& error_message(const Run& run) {
  if constexpr (requires { run.error_message; }) {
    return run.error_message;
  } else {
    return run.skip_message;
  }
}

}  // namespace natsproof
