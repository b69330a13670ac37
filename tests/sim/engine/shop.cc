#include "tests/sim/engine/shop.h"

#include <string_view>

#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include "loadgen/engine/message_text.h"
#include "messaging/headers.h"
#include "models/answers/answers.h"
#include "models/schema/analytics.natsproof.h"
#include "models/schema/bulk.natsproof.h"
#include "models/schema/order.natsproof.h"
#include "models/schema/probe.natsproof.h"
#include "models/schema/services.natsproof.h"

namespace natsproof {

namespace {

using namespace models::v1;

ShopReply refused(const Problem& problem, Encoding encoding) {
  return {.encoding = encoding, .error_code = problem.code(), .problem = problem};
}

template <typename Request>
auto right_answer(const Request& request) {
  return answer(request);
}
Answer<OrderBatchReply> right_answer(const OrderBatch& batch) {
  OrderBatchReply reply;
  reply.set_batch_id(batch.batch_id());
  for (const Order& order : batch.orders()) *reply.add_replies() = *answer(order);
  return reply;
}

template <typename Request>
ShopReply serve(const MemoryRequest& request, Encoding encoding, const std::string& served_by) {
  Request message;
  const Decoded decoded = encoding == Encoding::json ? read_json(request.payload, message)
                                                     : read_protobuf(request.payload, message);
  if (!decoded) return refused(make_problem(decoded.error()), encoding);
  Violations violations;
  if (!validate(message, violations)) return refused(make_problem(violations), encoding);
  auto reply = right_answer(message);
  if (!reply) return refused(reply.error(), encoding);
  reply->set_served_by(served_by);
  return {.encoding = encoding, .served_by = served_by, .body = encode(*reply, encoding)};
}

}  // namespace

ShopReply answered(const MemoryRequest& request, const std::string& served_by) {
  const auto encoding = encoding_of(find_header(request.headers, kContentType).value_or(""));
  if (!encoding) {
    return refused(make_problem(ProblemCode::kUnknownEncoding, "unknown"), Encoding::protobuf);
  }
  const std::string_view endpoint = request.subject.substr(request.subject.find('.') + 1);
  const auto by = [&]<typename M>(M /*type*/) { return serve<M>(request, *encoding, served_by); };
  if (endpoint == "orders.place") return by(Order());
  if (endpoint == "orders.get") return by(GetOrder());
  if (endpoint == "orders.batch") return by(OrderBatch());
  if (endpoint == "inventory.reserve") return by(ReserveRequest());
  if (endpoint == "payment.authorize") return by(AuthorizeRequest());
  if (endpoint == "fraud.score") return by(ScoreRequest());
  if (endpoint == "analytics.ingest") return by(EventBatch());
  if (endpoint == "bulk.process") return by(BulkRequest());
  if (endpoint == "probe.validate") return by(ValidationProbe());
  HealthReply health;
  health.set_served_by(served_by);
  health.set_requests(request.sequence + 1);
  return {.encoding = *encoding, .body = encode(health, *encoding)};
}

MemoryReply ShopReply::sent(Duration after) const {
  std::vector<std::pair<std::string, std::string>> headers = {
      {std::string(kContentType),
       content_type.empty() ? std::string(natsproof::content_type(encoding)) : content_type}};
  if (error_code != 0) {
    headers.emplace_back("Nats-Service-Error-Code", std::to_string(error_code));
    headers.emplace_back("Nats-Service-Error", problem.message());
  }
  const bool as_problem = error_code != 0 && body.empty();
  return {after, *make_headers(headers), as_problem ? encode(problem, encoding) : body};
}

std::string otherwise_encoded(const OrderReply& reply, Encoding encoding) {
  std::string text;
  if (encoding == Encoding::json) {
    google::protobuf::util::JsonPrintOptions options;
    options.add_whitespace = true;
    EXPECT_TRUE(google::protobuf::util::MessageToJsonString(reply, &text, options).ok());
    return text;
  }
  OrderReply first;
  first.set_served_by(reply.served_by());
  OrderReply rest = reply;
  rest.clear_served_by();
  return first.SerializeAsString() + rest.SerializeAsString();
}

}  // namespace natsproof
