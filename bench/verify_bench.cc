// Whether a reply is the right one: of an order, as our services write it, and in another spelling
// of the same, which has to be decoded.
#include <memory>
#include <string>

#include <benchmark/benchmark.h>

#include "loadgen/engine/expected_answer.h"
#include "loadgen/engine/message_text.h"
#include "messaging/headers.h"
#include "models/answers/answers.h"
#include "models/sample/order.h"
#include "models/schema/order.natsproof.h"
#include "models/schema/services.natsproof.h"

namespace natsproof {
namespace {

// Protobuf with the last field first.
std::string respelled(models::v1::OrderReply reply) {
  models::v1::OrderReply last;
  last.set_served_by(reply.served_by());
  reply.clear_served_by();
  return encode(last, Encoding::protobuf) + encode(reply, Encoding::protobuf);
}

void verify_order_10(benchmark::State& state, bool as_written) {
  Random random(1);
  auto reply = answer(sample_order(random, 10));
  if (!reply) return state.SkipWithError("the order has no answer");
  const auto expected = expect_reply(*reply, Encoding::protobuf, Verify::full);
  reply->set_served_by("AB3DE6GH9JK2MN5PQ8ST1V");
  const std::string payload = as_written ? encode(*reply, Encoding::protobuf) : respelled(*reply);
  const std::string headers = *make_headers({{"Content-Type", "application/x-protobuf"}});
  const Message message{.headers = headers, .payload = payload};
  for (auto _ : state) {
    const ReplyClass outcome = expected->classify(message, std::nullopt);
    if (outcome.request_class != RequestClass::ok) return state.SkipWithError("it is not right");
  }
}
BENCHMARK_CAPTURE(verify_order_10, as_written, true);
BENCHMARK_CAPTURE(verify_order_10, respelled, false);

}  // namespace
}  // namespace natsproof
