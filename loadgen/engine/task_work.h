// A task as a worker carries it out: its prepared payloads, and what a right reply looks like.
//
// Everything is made before the start; classify() allocates nothing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "loadgen/measure/request_class.h"
#include "loadgen/plan/plan.h"
#include "messaging/transport.h"

namespace natsproof {

// What a reply says of its request, see "What becomes of a request" in measurement.md.
struct ReplyClass {
  RequestClass request_class = RequestClass::ok;
  int error_code = 0;
};

class TaskWork {
 public:
  // Payloads are drawn from the seed: up to 16 of them, together at most 16 MiB. With `expect:
  // same` and room for them, each request's sequence number stands at the payload's beginning, so
  // that another request's reply is not taken for its own.
  static Result<TaskWork> prepare(const Task& task, std::uint64_t seed, Transport& transport);

  [[nodiscard]] std::size_t payloads() const { return payloads_.size(); }
  [[nodiscard]] FrameId frame(std::size_t payload) const { return payloads_[payload].frame; }
  // Payload and headers of one request.
  [[nodiscard]] std::uint64_t bytes(std::size_t payload) const {
    return payloads_[payload].content.size() + headers_bytes_;
  }
  [[nodiscard]] Duration timeout() const { return timeout_; }

  [[nodiscard]] ReplyClass classify(const Message& reply, std::size_t payload) const;

 private:
  struct Payload {
    FrameId frame = 0;
    std::string content;
  };
  [[nodiscard]] bool is_right(const Message& reply, std::size_t payload) const;
  [[nodiscard]] bool is_same(const Message& reply, const std::string& sent) const;

  std::vector<Payload> payloads_;
  std::size_t digits_at_ = std::string::npos;
  std::size_t headers_bytes_ = 0;
  Duration timeout_{};
  Expect expect_ = Expect::no_error;
  std::string expected_;
};

// Printable text of exactly that many bytes.
std::string random_text(std::uint64_t bytes, std::uint64_t seed);

}  // namespace natsproof
