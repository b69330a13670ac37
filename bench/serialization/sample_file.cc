#include "bench/serialization/sample_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

namespace natsproof::serialization_benchmarks {

std::optional<std::string> read_sample_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  if (!file || !text) {
    fmt::print(stderr, "cannot read the sample {}: {}\n", path, std::strerror(errno));
    return std::nullopt;
  }
  return text.str();
}

void say_what_is_wrong(const std::string& path, const DecodeError& error) {
  fmt::print(stderr, "{}: {}\n", path, error.text());
}

}  // namespace natsproof::serialization_benchmarks
