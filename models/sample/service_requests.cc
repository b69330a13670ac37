#include "models/sample/service_requests.h"

#include "models/sample/order.h"
#include "models/sample/text.h"

namespace natsproof {

using models::v1::Order;

models::v1::GetOrder sample_get_order(Random& random) {
  models::v1::GetOrder request;
  request.set_order_id(sample_order_id(random));
  return request;
}

models::v1::OrderBatch sample_order_batch(Random& random, int orders, int items_each) {
  models::v1::OrderBatch batch;
  batch.set_batch_id(sample_id(random, "batch-"));
  for (int i = 0; i < orders; ++i) *batch.add_orders() = sample_order(random, items_each);
  return batch;
}

models::v1::ReserveRequest reserve_request(const Order& order) {
  models::v1::ReserveRequest request;
  request.set_order_id(order.order_id());
  for (const models::v1::OrderItem& item : order.items()) {
    auto& line = *request.add_lines();
    line.set_variant_sku(item.variant_sku());
    line.set_quantity(item.quantity());
    for (const models::v1::ProductVariant& variant : item.product().variants()) {
      if (variant.sku() == item.variant_sku()) line.set_stock(variant.stock());
    }
  }
  return request;
}

models::v1::AuthorizeRequest authorize_request(const Order& order) {
  models::v1::AuthorizeRequest request;
  request.set_order_id(order.order_id());
  *request.mutable_payment() = order.payment();
  return request;
}

models::v1::ScoreRequest score_request(const Order& order) {
  models::v1::ScoreRequest request;
  request.set_order_id(order.order_id());
  request.set_amount_cents(order.total_cents());
  request.set_method(order.payment().method());
  request.set_new_customer(order.customer().loyalty_tier() == models::v1::BRONZE);
  request.set_customer_country(order.customer().addresses(0).country());
  request.set_shipping_country(order.shipping().address().country());
  return request;
}

}  // namespace natsproof
