#include "loadgen/engine/model_request.h"

#include <algorithm>
#include <cassert>
#include <type_traits>
#include <utility>

#include "loadgen/engine/message_text.h"
#include "models/answers/answers.h"
#include "models/sample/bulk.h"
#include "models/sample/events.h"
#include "models/sample/order.h"
#include "models/sample/probe.h"
#include "models/sample/service_requests.h"
#include "models/schema/analytics.natsproof.h"
#include "models/schema/bulk.natsproof.h"
#include "models/schema/order.natsproof.h"
#include "models/schema/probe.natsproof.h"
#include "models/schema/services.natsproof.h"

namespace natsproof {

namespace {

using namespace models::v1;

struct NoMessage {};  // of health, which is asked with nothing

models::v1::OrderBatch order_batch(const PayloadSpec& payload, int orders, Random& random) {
  OrderBatch batch = sample_order_batch(random, 0, 1);
  for (int i = 0; i < orders; ++i) {
    const auto items = static_cast<int>(count_at(payload.items_each, random.uniform()));
    *batch.add_orders() = sample_order(random, items);
  }
  return batch;
}

// One order in some twenty is; were there none, any order.
Order declined_order(int items, Random& random) {
  constexpr int kTries = 10'000;
  Order order = sample_order(random, items);
  for (int i = 0; i < kTries; ++i) {
    const auto placed = answer(order);
    if (placed && placed->has_declined()) break;
    order = sample_order(random, items);
  }
  return order;
}

// Calls `use` with the message that the endpoint takes.
template <typename Use>
auto with_message(const std::string& endpoint, const PayloadSpec& payload, double size,
                  Random& random, Use use) {
  const auto count = static_cast<int>(count_at(payload.count, size));
  if (endpoint == "orders.get") return use(sample_get_order(random));
  if (endpoint == "orders.batch") return use(order_batch(payload, count, random));
  if (endpoint == "inventory.reserve") return use(reserve_request(sample_order(random, count)));
  if (endpoint == "payment.authorize") return use(authorize_request(sample_order(random, count)));
  if (endpoint == "fraud.score") return use(score_request(sample_order(random, count)));
  if (endpoint == "analytics.ingest") return use(sample_event_batch(random, count));
  if (endpoint == "bulk.process") {
    BulkRequest bulk = sample_bulk_request(random, count, payload.bytes_each);
    if (payload.reply_keys) (*bulk.mutable_options())["reply"] = "keys";
    return use(bulk);
  }
  if (endpoint == "probe.validate") return use(sample_probe(random));
  if (endpoint == "health") return use(NoMessage{});
  return use(payload.declined ? declined_order(count, random) : sample_order(random, count));
}

template <typename M>
class MessageEncoder final : public RequestEncoder {
 public:
  MessageEncoder(const M& message, Encoding codec) : message_(message), codec_(codec) {}

  std::string_view encode(EncodeBuffers& buffers) const override {
    if (codec_ == Encoding::protobuf) {
      write_protobuf(message_, buffers.protobuf);
      return buffers.protobuf;
    }
    buffers.json.clear();
    [[maybe_unused]] const Encoded written = write_json(message_, buffers.json);
    assert(written);
    return buffers.json.view();
  }

 private:
  const M message_;
  const Encoding codec_;
};

template <typename M>
auto right_answer(const M& request) {
  return answer(request);
}
Answer<HealthReply> right_answer(const NoMessage& /*request*/) {
  return HealthReply();
}
Answer<OrderBatchReply> right_answer(const OrderBatch& batch) {
  OrderBatchReply reply;
  reply.set_batch_id(batch.batch_id());
  for (const Order& order : batch.orders()) {
    Answer<OrderReply> one = answer(order);
    if (!one) return one.error();
    *reply.add_replies() = std::move(*one);
  }
  return reply;
}

}  // namespace

std::uint64_t count_at(CountRange range, double size) {
  const auto steps = static_cast<double>(range.max - range.min + 1);
  return std::min(range.max, range.min + static_cast<std::uint64_t>(size * steps));
}

ModelRequest make_model_request(const Task& task, const PayloadSpec& payload, double size,
                                Random& random) {
  return with_message(task.endpoint, payload, size, random, [&](const auto& message) {
    ModelRequest request{.content_type = std::string(content_type(task.codec))};
    using M = std::remove_cvref_t<decltype(message)>;
    if constexpr (!std::is_same_v<M, NoMessage>) {
      request.body = encode(message, task.codec);
      if (task.encode == Encode::inline_)
        request.encoder = std::make_unique<MessageEncoder<M>>(message, task.codec);
    }
    const auto right = right_answer(message);
    request.answer = right ? expect_reply(*right, task.codec, task.verify)
                           : expect_refusal(right.error(), task.codec, task.verify);
    return request;
  });
}

std::optional<ModelRequest> make_invalid_model_request(const Task& task, const PayloadSpec& payload,
                                                       InvalidKind kind, Random& random) {
  const auto spoil = [&](const auto& message) -> std::optional<ModelRequest> {
    if constexpr (requires { make_invalid_request(kind, task.codec, random, message); }) {
      auto invalid = make_invalid_request(kind, task.codec, random, message);
      if (!invalid) return std::nullopt;
      auto answer = expect_rejection(*invalid, task.codec, task.verify);
      return ModelRequest{.content_type = std::move(invalid->content_type),
                          .body = std::move(invalid->body),
                          .answer = std::move(answer)};
    } else {
      return std::nullopt;
    }
  };
  return with_message(task.endpoint, payload, random.uniform(), random, spoil);
}

}  // namespace natsproof
