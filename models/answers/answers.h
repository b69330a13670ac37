// The right answer to each request of the shop, as a function of the request alone: on any
// instance, after any restart, the same.
//
// The services answer by these; the load generator verifies replies by them. A reply's served_by
// stays empty: the instance that answers puts its id there. REQUIRES everywhere: the request is
// valid by validate().
#pragma once

#include <string>
#include <string_view>

#include "models/answers/problem.h"
#include "models/schema/analytics.pb.h"
#include "models/schema/bulk.pb.h"
#include "models/schema/order.pb.h"
#include "models/schema/probe.pb.h"
#include "models/schema/services.pb.h"

namespace natsproof {

// fraud.score: 0 to 1, from the amount, a new customer, the method of payment and two countries.
// Over 0.8: 403.
Answer<models::v1::ScoreReply> answer(const models::v1::ScoreRequest& request);

// inventory.reserve: 409 when a line asks for more than its snapshot has in stock.
Answer<models::v1::ReserveReply> answer(const models::v1::ReserveRequest& request);

// payment.authorize: 402 over 50,000.00, in a currency we do not take, or with a risk over 0.9.
Answer<models::v1::AuthorizeReply> answer(const models::v1::AuthorizeRequest& request);

// orders.place, with its neighbours asked in process: fraud, inventory, payment, in this order.
// What they refuse is `declined`.
Answer<models::v1::OrderReply> answer(const models::v1::Order& request);

// orders.get: the order made again from its id; a fixed tenth of ids is unknown, 404.
Answer<models::v1::GetOrderReply> answer(const models::v1::GetOrder& request);

// analytics.ingest: how many of each type.
Answer<models::v1::IngestReply> answer(const models::v1::EventBatch& request);

// bulk.process: with options["reply"] == "keys" the keys of all items, so that the reply is as
// large as the request is.
Answer<models::v1::BulkReply> answer(const models::v1::BulkRequest& request);

// probe.validate
Answer<models::v1::ProbeReply> answer(const models::v1::ValidationProbe& request);

// The steps of orders.place, for who asks the neighbours over NATS. The requests are those of
// models/sample/service_requests.h.
models::v1::OrderReply accepted(const models::v1::Order& order, std::string reservation_id,
                                std::string authorization_id);
// What a neighbour's refusal makes of the order; a problem of ours when it is not a reason to
// decline.
Answer<models::v1::OrderReply> declined(const models::v1::Order& order, std::string_view neighbour,
                                        const models::v1::Problem& refusal);

}  // namespace natsproof
