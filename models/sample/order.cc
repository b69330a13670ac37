#include "models/sample/order.h"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

#include "models/sample/customer.h"
#include "models/sample/draw.h"
#include "models/sample/product_catalogue.h"
#include "models/sample/text.h"

namespace natsproof {
namespace {

using models::v1::Address;
using models::v1::Order;
using models::v1::OrderItem;
using models::v1::PaymentDetails;
using models::v1::ProductVariant;
using models::v1::ShippingDetails;

constexpr std::int64_t kApprovalAbove_cents = 1'000'000;
constexpr std::int64_t kInsureAbove_cents = 50'000;
constexpr std::int64_t kFirstOrder_s = 1735689600;  // 2025-01-01
constexpr std::int64_t kLastOrder_s = 1765065600;   // 2025-12-07

constexpr std::string_view kCurrencies[] = {"USD", "EUR", "EUR", "MXN", "TRY", "KRW"};
constexpr std::string_view kFraudFlags[] = {"velocity", "new-device", "proxy-ip", "bin-mismatch",
                                            "address-mismatch"};
constexpr std::string_view kGatewayResponse[][2] = {{"auth_code", "A7F3K9"},
                                                    {"avs", "Y"},
                                                    {"cvv", "M"},
                                                    {"network", "visa"},
                                                    {"raw", R"({"status":"ok","latency_ms":84})"}};
constexpr std::string_view kCarriers[] = {"DHL", "UPS", "La Poste", "Österreichische Post",
                                          "FedEx"};
constexpr std::string_view kServiceLevels[] = {"standard", "express", "next day, before 12:00",
                                               "économique"};
constexpr std::string_view kPromotionalCodes[] = {"WELCOME10", "SUMMER-25", "FREESHIP", "VIP",
                                                  "RENTRÉE5"};

std::int32_t draw_quantity(Random& random) {
  const std::uint64_t of_100 = random.below(100);
  return of_100 < 70   ? 1
         : of_100 < 90 ? between_int32(random, 2, 5)
         : of_100 < 98 ? between_int32(random, 6, 20)
                       : between_int32(random, 21, 100);
}

// Returns the grams ordered.
std::int32_t fill_item(Random& random, bool out_of_stock, OrderItem& item) {
  const ProductCatalogue& catalogue = product_catalogue();
  item.set_item_id(sample_uuid(random));
  *item.mutable_product() = catalogue.product(catalogue.draw_rank(random));
  const auto chosen =
      static_cast<int>(random.below(static_cast<std::uint64_t>(item.product().variants_size())));
  ProductVariant& variant = *item.mutable_product()->mutable_variants(chosen);
  item.set_product_id(item.product().product_id());
  item.set_variant_sku(variant.sku());
  item.set_quantity(draw_quantity(random));
  if (out_of_stock) variant.set_stock(between_int32(random, 0, item.quantity() - 1));
  item.set_unit_price_cents(variant.price_cents());
  const std::int64_t price_cents = item.unit_price_cents() * item.quantity();
  if (chance(random, 25)) item.set_discount_cents(price_cents * between(random, 1, 20) / 100);
  const std::int64_t net_cents = price_cents - item.discount_cents();
  if (chance(random, 80)) item.set_tax_cents(net_cents * between(random, 4, 25) / 100);
  item.set_total_cents(net_cents + item.tax_cents());
  if (chance(random, 15)) item.set_special_instructions(sample_prose(random, 10, 160));
  return variant.weight_grams() * item.quantity();
}

void fill_payment(Random& random, PaymentDetails& payment) {
  payment.set_payment_id(sample_id(random, "pay-"));
  payment.set_method(static_cast<models::v1::PaymentMethod>(
      between_int32(random, models::v1::CREDIT_CARD, models::v1::CRYPTO)));
  payment.set_currency(std::string(one_of(random, kCurrencies)));
  const bool card =
      payment.method() == models::v1::CREDIT_CARD || payment.method() == models::v1::DEBIT_CARD;
  if (card) payment.set_card_last_four(sample_digits(random, 4));
  if (chance(random, 80)) {
    const std::int64_t one = between(random, 0, 1000);
    const std::int64_t other = between(random, 0, 1000);
    payment.set_risk_score(static_cast<double>(std::min(one, other)) / 1000);
  }
  if (payment.risk_score() > 0.7) {
    const int flags = between_int32(random, 1, 3);
    for (int i = 0; i < flags; ++i) {
      payment.add_fraud_flags(std::string(one_of(random, kFraudFlags)));
    }
  }
  const int responses = between_int32(random, 0, 4);
  for (int i = 0; i < responses; ++i) {
    const auto& response = one_of(random, kGatewayResponse);
    (*payment.mutable_gateway_response())[std::string(response[0])] = response[1];
  }
}

void fill_shipping(Random& random, const Order& order, std::int32_t weight_grams,
                   ShippingDetails& shipping) {
  shipping.set_shipping_id(sample_id(random, "ship-"));
  shipping.set_carrier(std::string(one_of(random, kCarriers)));
  shipping.set_service_level(std::string(one_of(random, kServiceLevels)));
  if (chance(random, 10)) {
    fill_address(random, *shipping.mutable_address());
  } else {
    *shipping.mutable_address() = order.customer().addresses(0);
  }
  shipping.set_cost_cents(order.shipping_cents());
  shipping.set_weight_grams(weight_grams);
  auto& package = *shipping.mutable_package();
  package.set_length_cm(static_cast<double>(between(random, 100, 1200)) / 10);
  package.set_width_cm(static_cast<double>(between(random, 100, 800)) / 10);
  package.set_height_cm(static_cast<double>(between(random, 20, 600)) / 10);
  if (order.subtotal_cents() > kInsureAbove_cents) {
    shipping.set_insurance_cents(order.subtotal_cents() / 100);
  }
  const std::int64_t shipped_s = order.updated_at().seconds() + kDay_s;
  if (chance(random, 90)) {
    fill_timestamp(random, shipped_s, shipped_s + 7 * kDay_s,
                   *shipping.mutable_estimated_delivery());
  }
  if (order.status() == models::v1::DELIVERED || order.status() == models::v1::REFUNDED) {
    const std::int64_t least_s =
        shipping.has_estimated_delivery() ? shipping.estimated_delivery().seconds() + 1 : shipped_s;
    fill_timestamp(random, least_s, least_s + 3 * kDay_s, *shipping.mutable_actual_delivery());
  }
  shipping.set_signature_required(chance(random, 20));
}

void fill_times(Random& random, Order& order) {
  fill_timestamp(random, kFirstOrder_s, kLastOrder_s, *order.mutable_created_at());
  const std::int64_t created_s = order.created_at().seconds();
  if (chance(random, 40)) {
    *order.mutable_updated_at() = order.created_at();
  } else {
    fill_timestamp(random, created_s + 1, created_s + 14 * kDay_s, *order.mutable_updated_at());
  }
}

Order make_order(Random& random, std::string_view order_id, int items) {
  Order order;
  order.set_order_id(std::string(order_id));
  fill_customer(random, *order.mutable_customer());
  const bool out_of_stock = chance(random, 2);
  const int short_item = between_int32(random, 0, items - 1);
  std::int32_t weight_grams = 0;
  for (int i = 0; i < items; ++i) {
    weight_grams += fill_item(random, out_of_stock && i == short_item, *order.add_items());
  }
  order.set_status(chance(random, 60) ? models::v1::PENDING
                                      : static_cast<models::v1::OrderStatus>(between_int32(
                                            random, models::v1::PENDING, models::v1::REFUNDED)));
  fill_payment(random, *order.mutable_payment());
  if (chance(random, 70)) {
    order.set_shipping_cents(between(random, 290, 4990));
    order.set_tax_cents(order.shipping_cents() * between(random, 4, 25) / 100);
  }
  add_up(order);
  if (chance(random, 30)) {
    order.set_discount_cents(order.subtotal_cents() * between(random, 1, 15) / 100);
    add_up(order);
  }
  fill_times(random, order);
  fill_shipping(random, order, weight_grams, *order.mutable_shipping());
  order.set_priority(between_int32(random, 1, 5));
  if (chance(random, 30)) {
    const int codes = between_int32(random, 1, 3);
    for (int i = 0; i < codes; ++i) {
      order.add_promotional_codes(std::string(one_of(random, kPromotionalCodes)));
    }
  }
  if (chance(random, 25)) order.set_notes(sample_prose(random, 20, 600));
  fill_metadata(random, between_int32(random, 0, 4), *order.mutable_metadata());
  return order;
}

}  // namespace

std::string sample_order_id(Random& random) {
  return "ORD-" + sample_hex(random, 8);
}

models::v1::Order make_order(std::string_view order_id, int items) {
  Random random(hash_text(order_id));
  random.next();  // what make_order_from_id() draws
  return make_order(random, order_id, items);
}

models::v1::Order sample_order(Random& random, int items) {
  return make_order(sample_order_id(random), items);
}

models::v1::Order make_order_from_id(std::string_view order_id) {
  Random random(hash_text(order_id));
  return make_order(order_id, between_int32(random, 1, 3));
}

void add_up(Order& order) {
  std::int64_t subtotal_cents = 0;
  for (const OrderItem& item : order.items()) subtotal_cents += item.total_cents();
  order.set_subtotal_cents(subtotal_cents);
  order.set_total_cents(subtotal_cents + order.tax_cents() + order.shipping_cents() -
                        order.discount_cents());
  order.mutable_payment()->set_amount_cents(order.total_cents());
  order.set_requires_approval(order.total_cents() > kApprovalAbove_cents);
}

}  // namespace natsproof
