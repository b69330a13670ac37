// Orders that keep every rule of the schema.
//
// An order's content is a function of its id and the number of its items, on every machine.
//
// Products are asked for by Zipf's law and come as snapshots of the catalogue, but for the stock:
// it suffices, except in one order of fifty, where one item asks for more than there is. Of small
// orders one in seventy or so is above 10,000.00 and requires approval. One in ten goes to an
// address that is not the customer's, often in another country.
#pragma once

#include <string>
#include <string_view>

#include "base/random.h"
#include "models/schema/order.pb.h"

namespace natsproof {

std::string sample_order_id(Random& random);  // ORD-1A2B3C4D

// REQUIRES: 1 <= items; more than 100 are against the rules.
models::v1::Order make_order(std::string_view order_id, int items);
models::v1::Order sample_order(Random& random, int items);  // one id drawn

// The one order of an id; it has 1..3 items. Of any text, though only an id as above is valid.
models::v1::Order make_order_from_id(std::string_view order_id);

// Sets subtotal, total, the payment's amount and requires_approval from the items and the order's
// tax, shipping and discount.
void add_up(models::v1::Order& order);

}  // namespace natsproof
