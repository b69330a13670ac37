#include "models/answers/answers.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "base/random.h"
#include "models/sample/order.h"
#include "models/sample/service_requests.h"

namespace natsproof {
namespace {

using namespace models::v1;

std::string id_of(std::string_view prefix, std::string_view order_id) {
  return fmt::format("{}{:012x}", prefix, hash_text(fmt::format("{}{}", prefix, order_id)) >> 16);
}

double share_of_method(PaymentMethod method) {
  switch (method) {
    case CRYPTO:
      return 0.3;
    case PAYPAL:
      return 0.1;
    case CREDIT_CARD:
      return 0.05;
    default:
      return 0;
  }
}

constexpr double kMostFraud = 0.8;
constexpr std::int64_t kMostPayment_cents = 5'000'000;
constexpr double kMostRisk = 0.9;
constexpr std::array<std::string_view, 8> kCurrencies = {"USD", "EUR", "GBP", "CHF",
                                                         "JPY", "KRW", "MXN", "TRY"};

}  // namespace

Answer<ScoreReply> answer(const ScoreRequest& request) {
  constexpr double kLarge_cents = 2'000'000;
  const double amount = std::min(1.0, static_cast<double>(request.amount_cents()) / kLarge_cents);
  const bool elsewhere = request.customer_country() != request.shipping_country();
  const double score = 0.35 * amount + (request.new_customer() ? 0.2 : 0) +
                       share_of_method(request.method()) + (elsewhere ? 0.25 : 0);
  if (score > kMostFraud) {
    return make_problem(ProblemCode::kFraud,
                        fmt::format("fraud score {:.3f}, over {:.1f}", score, kMostFraud));
  }
  ScoreReply reply;
  reply.set_order_id(request.order_id());
  reply.set_score(score);
  return reply;
}

Answer<ReserveReply> answer(const ReserveRequest& request) {
  for (const ReserveRequest::Line& line : request.lines()) {
    if (line.quantity() <= line.stock()) continue;
    return make_problem(ProblemCode::kOutOfStock,
                        fmt::format("{} of {} are asked for, {} are in stock", line.quantity(),
                                    line.variant_sku(), line.stock()));
  }
  ReserveReply reply;
  reply.set_order_id(request.order_id());
  reply.set_reservation_id(id_of("RES-", request.order_id()));
  return reply;
}

Answer<AuthorizeReply> answer(const AuthorizeRequest& request) {
  const PaymentDetails& payment = request.payment();
  const auto refuse = [](std::string why) {
    return make_problem(ProblemCode::kPaymentDeclined, std::move(why));
  };
  if (payment.amount_cents() > kMostPayment_cents) {
    return refuse(fmt::format("{} cents, over {}", payment.amount_cents(), kMostPayment_cents));
  }
  if (std::find(kCurrencies.begin(), kCurrencies.end(), payment.currency()) == kCurrencies.end()) {
    return refuse(fmt::format("currency {} is not taken", payment.currency()));
  }
  if (payment.risk_score() > kMostRisk) {
    return refuse(fmt::format("risk {:.3f}, over {:.1f}", payment.risk_score(), kMostRisk));
  }
  AuthorizeReply reply;
  reply.set_order_id(request.order_id());
  reply.set_authorization_id(id_of("AUTH-", request.order_id()));
  return reply;
}

OrderReply accepted(const Order& order, std::string reservation_id, std::string authorization_id) {
  OrderReply reply;
  reply.set_order_id(order.order_id());
  OrderReply::Accepted& outcome = *reply.mutable_accepted();
  outcome.set_reservation_id(std::move(reservation_id));
  outcome.set_authorization_id(std::move(authorization_id));
  outcome.set_total_cents(order.total_cents());
  return reply;
}

Answer<OrderReply> declined(const Order& order, std::string_view neighbour,
                            const Problem& refusal) {
  DeclineReason reason = DECLINE_REASON_UNSPECIFIED;
  if (refusal.code() == ProblemCode::kFraud) reason = FRAUD;
  if (refusal.code() == ProblemCode::kOutOfStock) reason = OUT_OF_STOCK;
  if (refusal.code() == ProblemCode::kPaymentDeclined) reason = PAYMENT_DECLINED;
  if (reason == DECLINE_REASON_UNSPECIFIED) {
    return make_problem(ProblemCode::kOurs,
                        fmt::format("{}: {} {}", neighbour, refusal.code(), refusal.message()));
  }
  OrderReply reply;
  reply.set_order_id(order.order_id());
  reply.mutable_declined()->set_reason(reason);
  reply.mutable_declined()->set_detail(refusal.message());
  return reply;
}

Answer<OrderReply> answer(const Order& order) {
  const auto score = answer(score_request(order));
  if (!score) return declined(order, "fraud", score.error());
  const auto reserved = answer(reserve_request(order));
  if (!reserved) return declined(order, "inventory", reserved.error());
  const auto authorized = answer(authorize_request(order));
  if (!authorized) return declined(order, "payment", authorized.error());
  return accepted(order, reserved->reservation_id(), authorized->authorization_id());
}

Answer<GetOrderReply> answer(const GetOrder& request) {
  if (hash_text(request.order_id()) % 10 == 0) {
    return make_problem(ProblemCode::kUnknown,
                        fmt::format("there is no order {}", request.order_id()));
  }
  GetOrderReply reply;
  reply.set_order_id(request.order_id());
  *reply.mutable_order() = make_order_from_id(request.order_id());
  return reply;
}

Answer<IngestReply> answer(const EventBatch& request) {
  IngestReply reply;
  reply.set_batch_id(request.batch_id());
  reply.set_accepted(request.events_size());
  for (const AnalyticsEvent& event : request.events())
    ++(*reply.mutable_accepted_by_type())[event.type()];
  return reply;
}

Answer<BulkReply> answer(const BulkRequest& request) {
  BulkReply reply;
  reply.set_batch_id(request.batch_id());
  reply.set_processed(request.items_size());
  const auto wanted = request.options().find("reply");
  if (wanted != request.options().end() && wanted->second == "keys") {
    for (const BulkItem& item : request.items()) reply.add_keys(item.key());
  }
  return reply;
}

Answer<ProbeReply> answer(const ValidationProbe& request) {
  ProbeReply reply;
  reply.set_required_field(request.required_field());
  reply.set_number(request.number());
  return reply;
}

}  // namespace natsproof
