#include "bench/serialization/benchmarks.h"

#include <cstdio>

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include "bench/serialization/allocations.h"
#include "models/runtime/protobuf_codec.h"

namespace natsproof::serialization_benchmarks {

std::string protobuf_of(const google::protobuf::Message& message) {
  std::string bytes;
  write_protobuf(message, bytes);
  return bytes;
}

bool same(const google::protobuf::Message& one, const google::protobuf::Message& other) {
  return protobuf_of(one) == protobuf_of(other);
}

void warn_of(std::string_view model, std::size_t sample, const Violations& violations) {
  fmt::print(stderr, "WARNING: sample {} of {} breaks rules of its schema:\n", sample + 1, model);
  for (const Violation& violation : violations.list())
    fmt::print(stderr, "  {}: {} ({})\n", violation.path, violation.message, violation.rule);
  fmt::print(stderr,
             "Its `validate` is timed as it finds them, which is not what valid data costs.\n");
}

void warn_of(std::string_view model, std::size_t sample, const EncodeError& error) {
  fmt::print(stderr, "WARNING: sample {} of {} cannot be written as JSON: {}\n", sample + 1, model,
             error.text());
}

bool write_json_by_protobuf(const google::protobuf::Message& message, std::string& out) {
  out.clear();
  return google::protobuf::util::MessageToJsonString(message, &out).ok();
}

bool read_json_by_protobuf(std::string_view document, google::protobuf::Message& message) {
  return google::protobuf::util::JsonStringToMessage({document.data(), document.size()}, &message)
      .ok();
}

void Measurement::begin() {
  allocations_before_ = allocations();
}

void Measurement::end() {
  const auto allocations_after = allocations();
  const auto messages = static_cast<double>(state_.iterations());
  if (allocations_after) {
    const auto calls = static_cast<double>(*allocations_after - *allocations_before_);
    state_.counters["allocs"] = calls / messages;
  }
  state_.SetItemsProcessed(state_.iterations());
  if (bytes_) {
    const double bytes = static_cast<double>(*bytes_) / static_cast<double>(samples_);
    state_.counters["bytes"] = bytes;
    state_.SetBytesProcessed(static_cast<std::int64_t>(bytes * messages));
  }
}

}  // namespace natsproof::serialization_benchmarks
