// What must come back for one request whose right answer is known, and what becomes of the request
// by what did come.
//
// As in docs/measurement.md, "What becomes of a request": the right answer is ok, also where it is
// a refusal (an order that nobody knows); the right refusal of a request that is invalid on purpose
// is rejected. Another refusal is a service error, but where a 4xx was due for being invalid and
// another 4xx came: that, a right code with the wrong content, an invalid request that was accepted
// and any other answer are a wrong reply.
//
// Verify::envelope believes the headers, and of a reply wants to see the id it was asked with.
// Verify::full compares all but served_by, which has to be there: replies written by our own
// writers byte by byte, others decoded, and of refusals the path and the rule. A reply without
// Content-Type is in the request's encoding. One thread at a time.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "loadgen/measure/request_class.h"
#include "loadgen/plan/payload.h"
#include "messaging/transport.h"
#include "models/answers/problem.h"
#include "models/sample/invalid_request.h"

namespace natsproof {

struct ReplyClass {
  RequestClass request_class = RequestClass::ok;
  int error_code = 0;
  // Of an ok reply that names its instance; empty: none, or Verify::envelope. In the reply's bytes
  // or the ExpectedAnswer's, until the next classify().
  std::string_view served_by{};
};

class ExpectedAnswer {
 public:
  virtual ~ExpectedAnswer() = default;
  // `error_code`: of a service error. Decodes at the first reply of a kind; then allocates nothing
  // while right replies are written by our writers.
  virtual ReplyClass classify(const Message& reply, std::optional<int> error_code) = 0;
};

// `reply` without served_by. Of a HealthReply nothing is known but that it has one.
template <typename Reply>
std::unique_ptr<ExpectedAnswer> expect_reply(const Reply& reply, Encoding codec, Verify verify);

// Of a valid request.
std::unique_ptr<ExpectedAnswer> expect_refusal(const models::v1::Problem& problem, Encoding codec,
                                               Verify verify);

std::unique_ptr<ExpectedAnswer> expect_rejection(const InvalidRequest& request, Encoding codec,
                                                 Verify verify);

}  // namespace natsproof
