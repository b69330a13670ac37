// What a nats-server says of itself on its monitoring port (/varz).
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "loadgen/measure/resource_record.h"

namespace natsproof {

// Of the body of an answer, `at` left 0; nothing: it is none, or lacks one of the figures.
std::optional<ServerSample> parse_varz(std::string_view body);

// The same as samples of a process, from 0 CPU on: each share is taken for that of the time since
// the sample before, to the millisecond. No threads and no switches.
std::vector<ResourceSample> samples_of(std::span<const ServerSample> says);

// Asks over one connection that is kept. One thread at a time.
class ServerFigures {
 public:
  explicit ServerFigures(const std::string& monitor);  // http://127.0.0.1:8222
  ~ServerFigures();

  // Blocks for about 0.3 s at most, however long the server takes: the caller has other things to
  // do. Errors say what failed; it may be asked again.
  Result<ServerSample> ask();

 private:
  class Client;
  std::string monitor_;
  std::unique_ptr<Client> client_;
};

}  // namespace natsproof
