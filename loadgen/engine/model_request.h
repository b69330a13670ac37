// Requests to the sample services, with what must come back for each.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "loadgen/engine/expected_answer.h"
#include "loadgen/plan/plan.h"
#include "models/runtime/json_buffer.h"

namespace natsproof {

// Where messages are encoded that are sent at once; they are used again.
struct EncodeBuffers {
  std::string protobuf;
  JsonBuffer json;
};

// A message that becomes bytes each time it is sent.
class RequestEncoder {
 public:
  virtual ~RequestEncoder() = default;
  // Valid until the buffers are used again.
  virtual std::string_view encode(EncodeBuffers& buffers) const = 0;
};

struct ModelRequest {
  std::string content_type;
  std::string body;
  std::unique_ptr<ExpectedAnswer> answer;
  std::unique_ptr<RequestEncoder> encoder;  // with Encode::inline_, of a valid message
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
