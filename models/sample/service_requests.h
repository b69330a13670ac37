// What orders.place asks its neighbours for an order, and the other requests about orders.
#pragma once

#include "base/random.h"
#include "models/schema/services.pb.h"

namespace natsproof {

models::v1::GetOrder sample_get_order(Random& random);
models::v1::OrderBatch sample_order_batch(Random& random, int orders, int items_each);

// Stock is what the order's snapshots of its products say; none where the variant is not among
// them.
models::v1::ReserveRequest reserve_request(const models::v1::Order& order);
models::v1::AuthorizeRequest authorize_request(const models::v1::Order& order);
// A new customer is one of the lowest tier; the customer's country is that of the first address.
// REQUIRES: the customer has an address, as every valid one has.
models::v1::ScoreRequest score_request(const models::v1::Order& order);

}  // namespace natsproof
