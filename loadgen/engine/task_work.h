// A task as a worker carries it out: its prepared requests, and what a right reply looks like.
//
// Everything is made before the start; afterwards only the verification of a reply that is seen for
// the first time allocates. With `encode: inline` the messages are, and become bytes in request().
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "loadgen/engine/expected_answer.h"
#include "loadgen/engine/model_request.h"
#include "loadgen/plan/plan.h"
#include "messaging/transport.h"

namespace natsproof {

class TaskWork {
 public:
  // Requests are drawn from the seed and pooled: up to 16 of opaque bytes; of each entry of a list
  // of payloads, up to 64, evenly spread over its range; of each injection, 32 or 4 of each kind,
  // whichever is more. No more are added once they have 16 MiB, shared evenly by entries and
  // injections. With `expect: same` and room for them, each request's sequence number stands at the
  // payload's beginning, so that another request's reply is not taken for its own. Errors: headers
  // or a subject that cannot be, or a kind of invalid request that cannot, or no request that the
  // server would take (its max_payload). `traced`: each asks for the stages of its way
  // (base/trace_stamps.h).
  static Result<TaskWork> prepare(const Task& task, std::uint64_t seed, Transport& transport,
                                  bool traced = false);

  // Which one to send, by the shares and weights of the task.
  [[nodiscard]] std::size_t pick_payload(Random& draw) const;
  // Hands it to the transport.
  SendStatus request(Transport& transport, ConnectionId connection, std::size_t payload,
                     Sequence sequence);
  // Payload and headers of one request.
  [[nodiscard]] std::uint64_t bytes(std::size_t payload) const { return payloads_[payload].bytes; }
  [[nodiscard]] Duration timeout() const { return timeout_; }

  [[nodiscard]] ReplyClass classify(const Message& reply, std::size_t payload);

 private:
  struct Payload {
    FrameId frame = 0;
    std::uint64_t bytes = 0;
    std::string content;                      // of Expect::same
    bool has_digits = false;                  // of the sequence number, at its beginning
    std::unique_ptr<ExpectedAnswer> answer;   // of Expect::answer
    std::unique_ptr<RequestEncoder> encoder;  // of Encode::inline_
  };
  // A part of the pool, and its share of the requests, added to the shares before it.
  struct Group {
    double until = 0;
    std::size_t first = 0, count = 0;
  };
  class Preparation;

  [[nodiscard]] bool is_right(const Message& reply, const Payload& sent) const;
  [[nodiscard]] static bool is_same(const Message& reply, const Payload& sent);

  std::vector<Payload> payloads_;
  std::vector<Group> groups_;
  EncodeBuffers buffers_;
  Duration timeout_{};
  Expect expect_ = Expect::no_error;
  std::string expected_;
};

// Printable text of exactly that many bytes.
std::string random_text(std::uint64_t bytes, std::uint64_t seed);

}  // namespace natsproof
