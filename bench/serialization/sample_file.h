// A model whose sample is a JSON document in a file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bench/serialization/benchmarks.h"
#include "models/runtime/decode_error.h"

namespace natsproof {

namespace serialization_benchmarks {

// Nothing, and said on stderr: it cannot be read.
std::optional<std::string> read_sample_file(const std::string& path);
void say_what_is_wrong(const std::string& path, const DecodeError& error);

}  // namespace serialization_benchmarks

// False: the file cannot be read, or is not an M; why, and where in it, was said on stderr. What
// breaks rules of the schema is a warning there.
template <typename M>
bool register_sample(std::string_view model, const std::string& path) {
  const auto document = serialization_benchmarks::read_sample_file(path);
  if (!document) return false;
  std::vector<M> samples(1);
  if (const Decoded read = read_json(*document, samples.front()); !read) {
    serialization_benchmarks::say_what_is_wrong(path, read.error());
    return false;
  }
  register_serialization_benchmarks<M>(std::string(model), std::move(samples));
  return true;
}

}  // namespace natsproof
