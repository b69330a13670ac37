// Requests to the sample services, with what must come back for each.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/random.h"
#include "loadgen/engine/expected_answer.h"
#include "loadgen/plan/plan.h"

namespace natsproof {

struct ModelRequest {
  std::string content_type;
  std::string body;
  std::unique_ptr<ExpectedAnswer> answer;
};

// `size` in [0, 1) says where in the payload's range of counts. REQUIRES: the task's endpoint takes
// payloads of that kind, which is not `bytes`.
ModelRequest make_model_request(const Task& task, const PayloadSpec& payload, double size,
                                Random& random);

// One that must be refused; nothing where it cannot be invalid in this way.
std::optional<ModelRequest> make_invalid_model_request(const Task& task, const PayloadSpec& payload,
                                                       InvalidKind kind, Random& random);

// The count that stands at `size` in the range.
std::uint64_t count_at(CountRange range, double size);

}  // namespace natsproof
