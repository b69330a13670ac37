#include "services/orders.h"

#include <charconv>
#include <cstddef>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "messaging/headers.h"
#include "models/answers/answers.h"
#include "models/sample/product_catalogue.h"
#include "models/sample/service_requests.h"
#include "models/schema/order.natsproof.h"
#include "models/schema/services.natsproof.h"
#include "services/runtime/model_endpoint.h"

namespace natsproof {
namespace {

using namespace models::v1;

struct Neighbour {
  std::string name, subject;
};

struct NeighbourList {
  explicit NeighbourList(const std::string& prefix)
      : fraud{"fraud", prefix + "fraud.score"},
        inventory{"inventory", prefix + "inventory.reserve"},
        payment{"payment", prefix + "payment.authorize"} {}
  Neighbour fraud, inventory, payment;
};

using Placed = std::function<void(Answer<OrderReply>)>;

Problem ours(std::string message) {
  return make_problem(ProblemCode::kOurs, std::move(message));
}

// The Problem of an error reply; from its headers, where the body is none.
Problem refusal_of(const CallResult& reply, std::string_view code_text) {
  int code = ProblemCode::kOurs;
  std::from_chars(code_text.data(), code_text.data() + code_text.size(), code);
  Problem problem;
  if (reply.payload.empty() || !read_protobuf(reply.payload, problem)) {
    problem.Clear();
    problem.set_message(std::string(find_header(reply.headers, "Nats-Service-Error").value_or("")));
  }
  problem.set_code(code);
  return problem;
}

// One order on its way from neighbour to neighbour. The call under way keeps it alive; `placed` is
// called once.
class Placing final : public std::enable_shared_from_this<Placing> {
 public:
  Placing(Service& service, const NeighbourList& neighbours, Order order, Placed placed)
      : service_(service),
        neighbours_(neighbours),
        order_(std::move(order)),
        placed_(std::move(placed)) {}

  void begin() {
    ask<ScoreReply>(neighbours_.fraud, score_request(order_),
                    [this](const ScoreReply&) { reserve(); });
  }

 private:
  void reserve() {
    ask<ReserveReply>(
        neighbours_.inventory, reserve_request(order_),
        [this](const ReserveReply& reserved) { authorize(reserved.reservation_id()); });
  }
  void authorize(const std::string& reservation_id) {
    ask<AuthorizeReply>(neighbours_.payment, authorize_request(order_),
                        [this, reservation_id](const AuthorizeReply& authorized) {
                          finish(accepted(order_, reservation_id, authorized.authorization_id()));
                        });
  }

  template <typename Reply, typename Next>
  void ask(const Neighbour& neighbour, const google::protobuf::Message& request, Next next) {
    std::string bytes;
    write_protobuf(request, bytes);
    const SendStatus sent =
        service_.call(neighbour.subject, neighbour.name, bytes,
                      [self = shared_from_this(), &neighbour, next](const CallResult& result) {
                        try {
                          Reply reply;
                          if (self->read(neighbour, result, reply)) next(reply);
                        } catch (const std::exception& thrown) {
                          self->finish(ours(thrown.what()));
                        }
                      });
    if (sent == SendStatus::accepted) return;
    finish(ours(fmt::format("{} could not be asked: {}", neighbour.name,
                            sent == SendStatus::too_big
                                ? "the request is over the server's max_payload"
                                : "the connection was down or congested")));
  }

  // False: what came is the end of this order.
  bool read(const Neighbour& neighbour, const CallResult& result,
            google::protobuf::Message& reply) {
    switch (result.kind) {
      case CallResult::Kind::nobody_there:
        return finish(ours(fmt::format("nobody serves {}", neighbour.subject)));
      case CallResult::Kind::timed_out:
        return finish(
            ours(fmt::format("{} did not answer within {} s", neighbour.name, kCallTimeout / 1s)));
      case CallResult::Kind::stopping:
        return finish(ours(fmt::format("stopping, before {} has answered", neighbour.name)));
      case CallResult::Kind::replied:
        break;
    }
    if (const auto code = find_header(result.headers, "Nats-Service-Error-Code")) {
      return finish(declined(order_, neighbour.name, refusal_of(result, *code)));
    }
    const Decoded decoded = read_protobuf(result.payload, reply);
    if (decoded) return true;
    return finish(ours(fmt::format("{}: its reply cannot be decoded: {}", neighbour.name,
                                   decoded.error().text())));
  }

  bool finish(Answer<OrderReply> answer) {
    if (const Placed placed = std::exchange(placed_, nullptr)) placed(std::move(answer));
    return false;
  }

  Service& service_;
  const NeighbourList& neighbours_;
  const Order order_;
  Placed placed_;
};

// Places orders, whichever way.
class Shop {
 public:
  Shop(const ServiceNaming& naming, Neighbours how)
      : neighbours_(naming.subject_prefix), in_process_(how == Neighbours::in_process) {}

  // `placed` is called before this returns, or later.
  void place(Service& service, Order order, Placed placed) const {
    if (in_process_) return placed(answer(order));
    std::make_shared<Placing>(service, neighbours_, std::move(order), std::move(placed))->begin();
  }

 private:
  const NeighbourList neighbours_;
  const bool in_process_;
};

class Place final : public ModelEndpoint<Order, OrderReply> {
 public:
  explicit Place(std::shared_ptr<const Shop> shop) : shop_(std::move(shop)) {}

 private:
  void take(Order& order, Encoding encoding, Responder& responder) override {
    responder.add_items(static_cast<std::size_t>(order.items_size()));
    shop_->place(responder.service(), std::move(order),
                 [this, encoding, reply = responder.later()](Answer<OrderReply> placed) {
                   reply.answer([&](Responder& late) { send(late, encoding, std::move(placed)); });
                 });
  }
  const std::shared_ptr<const Shop> shop_;
};

class Get final : public ModelEndpoint<GetOrder, GetOrderReply> {
  void take(GetOrder& request, Encoding encoding, Responder& responder) override {
    send(responder, encoding, answer(request));
  }
};

class PlaceBatch final : public ModelEndpoint<OrderBatch, OrderBatchReply> {
 public:
  explicit PlaceBatch(std::shared_ptr<const Shop> shop) : shop_(std::move(shop)) {}

 private:
  struct Batch {
    ReplyHandle handle;
    Encoding encoding;
    OrderBatchReply reply{};
    std::optional<Problem> problem{};  // the first one
    int to_come = 0;
  };

  void take(OrderBatch& request, Encoding encoding, Responder& responder) override {
    for (const Order& order : request.orders()) {
      responder.add_items(static_cast<std::size_t>(order.items_size()));
    }
    const auto batch = std::make_shared<Batch>(Batch{responder.later(), encoding});
    batch->reply.set_batch_id(request.batch_id());
    batch->to_come = request.orders_size();
    for (int i = 0; i < request.orders_size(); ++i) batch->reply.add_replies();
    for (int i = 0; i < request.orders_size(); ++i) {
      Service& service = responder.service();
      shop_->place(service, std::move(*request.mutable_orders(i)),
                   [this, batch, i, &service](Answer<OrderReply> placed) {
                     if (placed) {
                       placed->set_served_by(service.id());
                       *batch->reply.mutable_replies(i) = std::move(*placed);
                     } else if (!batch->problem) {
                       batch->problem = placed.error();
                       batch->problem->set_message(
                           fmt::format("orders[{}]: {}", i, placed.error().message()));
                     }
                     if (--batch->to_come == 0) finish(*batch);
                   });
    }
  }

  void finish(Batch& batch) {
    batch.handle.answer([&](Responder& late) {
      if (batch.problem) return refuse(late, batch.encoding, *batch.problem);
      send(late, batch.encoding, std::move(batch.reply));
    });
  }

  const std::shared_ptr<const Shop> shop_;
};

}  // namespace

Result<std::unique_ptr<Service>> make_orders_service(const ServiceNaming& naming,
                                                     Neighbours neighbours, const Clock& clock) {
  product_catalogue();  // now, for no order that is asked for shall wait for it
  const auto shop = std::make_shared<const Shop>(naming, neighbours);
  const std::string prefix = naming.subject_prefix + "orders.";
  std::vector<EndpointConfig> endpoints;
  endpoints.push_back(
      {.name = "place", .subject = prefix + "place", .handler = std::make_unique<Place>(shop)});
  endpoints.push_back(
      {.name = "get", .subject = prefix + "get", .handler = std::make_unique<Get>()});
  endpoints.push_back({.name = "batch",
                       .subject = prefix + "batch",
                       .handler = std::make_unique<PlaceBatch>(shop)});
  return Service::create({.name = naming.name_prefix + "orders",
                          .version = "1.0.0",
                          .description = "Takes orders and finds them again",
                          .calls_others = neighbours == Neighbours::over_nats},
                         std::move(endpoints), clock);
}

}  // namespace natsproof
