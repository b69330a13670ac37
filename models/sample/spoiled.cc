#include "models/sample/spoiled.h"

#include <cstdint>
#include <string_view>
#include <vector>

#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/util/time_util.h>

#include "models/sample/draw.h"
#include "models/sample/order.h"
#include "models/sample/places.h"
#include "models/sample/text.h"

namespace natsproof {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::Timestamp;
using models::v1::Order;
using models::v1::OrderItem;

const Reflection& reflection_of(const Place& place) {
  return *place.message->GetReflection();
}

bool is_text(const Place& place) {
  return place.field->type() == FieldDescriptor::TYPE_STRING && !place.field->is_repeated();
}

// A required message or enum, or a text whose rules an empty one breaks.
bool is_required(const Place& place) {
  const FieldRules& rules = place.rules();
  if (rules.required()) return true;
  return is_text(place) && !place.field->has_presence() &&
         (rules.min_chars() > 0 || !rules.pattern().empty() ||
          rules.format() != FORMAT_UNSPECIFIED);
}

std::optional<Breach> spoil_required(Random& random, Message& message) {
  const std::optional<Place> place = choose_place(random, message, is_required);
  if (!place) return std::nullopt;
  reflection_of(*place).ClearField(place->message, place->field);
  return Breach{place->path, "required"};
}

struct Bound {
  std::string_view rule;
  std::int64_t value;  // the nearest integer that breaks it
};

std::vector<Bound> bounds_of(const FieldRules& rules) {
  const auto whole = [](double bound) { return static_cast<std::int64_t>(bound); };
  std::vector<Bound> bounds;
  if (rules.has_at_least()) bounds.push_back({"at_least", whole(rules.at_least()) - 1});
  if (rules.has_at_most()) bounds.push_back({"at_most", whole(rules.at_most()) + 1});
  if (rules.has_above()) bounds.push_back({"above", whole(rules.above())});
  if (rules.has_below()) bounds.push_back({"below", whole(rules.below())});
  return bounds;
}

void set_number(const Place& place, std::int64_t value) {
  const Reflection& reflection = reflection_of(place);
  switch (place.field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection.SetInt32(place.message, place.field, static_cast<std::int32_t>(value));
    case FieldDescriptor::CPPTYPE_INT64:
      return reflection.SetInt64(place.message, place.field, value);
    default:
      return reflection.SetDouble(place.message, place.field, static_cast<double>(value));
  }
}

bool is_signed_number(const Place& place) {
  const auto type = place.field->cpp_type();
  return !place.field->is_repeated() &&
         (type == FieldDescriptor::CPPTYPE_INT32 || type == FieldDescriptor::CPPTYPE_INT64 ||
          type == FieldDescriptor::CPPTYPE_DOUBLE);
}

std::optional<Breach> spoil_range(Random& random, Message& message) {
  const std::optional<Place> place = choose_place(random, message, [](const Place& at) {
    return !at.checked && is_signed_number(at) && !bounds_of(at.rules()).empty();
  });
  if (!place) return std::nullopt;
  const std::vector<Bound> bounds = bounds_of(place->rules());
  const Bound& bound = bounds[random.below(bounds.size())];
  set_number(*place, bound.value);
  return Breach{place->path, std::string(bound.rule)};
}

bool has_text(const Place& place) {
  return is_text(place) && !reflection_of(place).GetString(*place.message, place.field).empty();
}

// A blank, somewhere: no pattern and no format of the schema allows one.
std::optional<Breach> spoil_pattern(Random& random, Message& message) {
  const std::optional<Place> place = choose_place(random, message, [](const Place& at) {
    const FieldRules& rules = at.rules();
    return has_text(at) && (!rules.pattern().empty() ||
                            (rules.format() != FORMAT_UNSPECIFIED && rules.format() != EMAIL));
  });
  if (!place) return std::nullopt;
  std::string text = reflection_of(*place).GetString(*place->message, place->field);
  text.insert(random.below(text.size() + 1), " ");
  reflection_of(*place).SetString(place->message, place->field, text);
  return Breach{place->path, place->rules().pattern().empty() ? "format" : "pattern"};
}

std::optional<Breach> spoil_email(Random& random, Message& message) {
  constexpr std::string_view kNoEmails[] = {"anna.example.com",  "anna@",
                                            "@example.com",      "anna@localhost",
                                            "an na@example.com", "a@b@example.com",
                                            "anna@exam_ple.com", "anna@-example.com",
                                            "anna@example..com", "anna@example.com.",
                                            "zoë@example.com",   "Anna <anna@example.com>"};
  const std::optional<Place> place = choose_place(
      random, message, [](const Place& at) { return is_text(at) && at.rules().format() == EMAIL; });
  if (!place) return std::nullopt;
  const std::string_view no_email = one_of(random, kNoEmails);
  reflection_of(*place).SetString(place->message, place->field, std::string(no_email));
  return Breach{place->path, "format"};
}

// The bound itself, or up to a hundred years later.
std::optional<Breach> spoil_past(Random& random, Message& message) {
  const std::optional<Place> place = choose_place(random, message, [](const Place& at) {
    return !at.checked && !at.field->is_repeated() && !at.rules().before().empty();
  });
  if (!place) return std::nullopt;
  constexpr std::int64_t kHundredYears_s = 100LL * 365 * 86400;
  Timestamp bound;
  google::protobuf::util::TimeUtil::FromString(place->rules().before(), &bound);
  auto& time =
      dynamic_cast<Timestamp&>(*reflection_of(*place).MutableMessage(place->message, place->field));
  time = bound;
  if (chance(random, 80)) {
    fill_timestamp(random, bound.seconds(), bound.seconds() + kHundredYears_s, time);
  }
  return Breach{place->path, "before"};
}

void repeat_last(const Place& place) {
  const Reflection& reflection = reflection_of(place);
  const int last = reflection.FieldSize(*place.message, place.field) - 1;
  if (place.field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    const std::string text = reflection.GetRepeatedString(*place.message, place.field, last);
    reflection.AddString(place.message, place.field, text);
  } else {
    Message* added = reflection.AddMessage(place.message, place.field);
    added->CopyFrom(reflection.GetRepeatedMessage(*place.message, place.field, last));
  }
}

void repeat_up_to(const Place& place, std::uint32_t count) {
  const auto size = reflection_of(place).FieldSize(*place.message, place.field);
  for (auto i = static_cast<std::uint32_t>(size); i < count; ++i) repeat_last(place);
}

// An order is spoiled by its items every other time.
std::optional<Breach> spoil_item_count(Random& random, Message& message) {
  auto* const order = dynamic_cast<Order*>(&message);
  const bool order_items = order != nullptr && chance(random, 50);
  const std::optional<Place> place = choose_place(random, message, [&](const Place& at) {
    if (order_items) return at.path == "items";
    return at.field->is_repeated() && !at.field->is_map() && !at.checked &&
           at.rules().has_max_items() &&
           (at.field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE ||
            at.field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) &&
           reflection_of(at).FieldSize(*at.message, at.field) > 0;
  });
  if (!place) return std::nullopt;
  repeat_up_to(*place, place->rules().max_items() + 1);
  if (order_items) add_up(*order);
  return Breach{place->path, "max_items"};
}

std::optional<Breach> spoil_total(Random& random, Order& order) {
  const std::int64_t more_cents = between(random, 1, 999);
  switch (random.below(4)) {
    case 0:
      order.set_tax_cents(order.tax_cents() + more_cents);
      return Breach{"total_cents", "check"};
    case 1:  // the total stays what it was
      order.set_subtotal_cents(order.subtotal_cents() + more_cents);
      order.set_discount_cents(order.discount_cents() + more_cents);
      return Breach{"subtotal_cents", "check"};
    case 2:
      order.mutable_payment()->set_amount_cents(order.total_cents() + more_cents);
      return Breach{"payment.amount_cents", "check"};
    default:
      const auto at =
          static_cast<int>(random.below(static_cast<std::uint64_t>(order.items_size())));
      OrderItem& item = *order.mutable_items(at);
      item.set_tax_cents(item.tax_cents() + more_cents);
      return Breach{"items[" + std::to_string(at) + "].total_cents", "check"};
  }
}

// The item's loss is made good by the shipping, so that the order's total stays what it was.
std::optional<Breach> spoil_sign(Random& random, Order& order) {
  const auto at = static_cast<int>(random.below(static_cast<std::uint64_t>(order.items_size())));
  OrderItem& item = *order.mutable_items(at);
  const std::int64_t loss_cents = item.total_cents() + between(random, 1, 99999);
  item.set_discount_cents(item.discount_cents() + loss_cents);
  item.set_total_cents(item.total_cents() - loss_cents);
  order.set_shipping_cents(order.shipping_cents() + loss_cents);
  add_up(order);
  return Breach{"items[" + std::to_string(at) + "].total_cents", "at_least"};
}

}  // namespace

std::optional<Breach> spoil(InvalidKind kind, Random& random, Message& valid) {
  switch (kind) {
    case InvalidKind::missing_required:
      return spoil_required(random, valid);
    case InvalidKind::out_of_range:
      return spoil_range(random, valid);
    case InvalidKind::bad_pattern:
      return spoil_pattern(random, valid);
    case InvalidKind::bad_email:
      return spoil_email(random, valid);
    case InvalidKind::future_birth_date:
      return spoil_past(random, valid);
    case InvalidKind::too_many_items:
      return spoil_item_count(random, valid);
    case InvalidKind::wrong_total:
      if (auto* order = dynamic_cast<Order*>(&valid)) return spoil_total(random, *order);
      return std::nullopt;
    case InvalidKind::negative_total:
      if (auto* order = dynamic_cast<Order*>(&valid)) return spoil_sign(random, *order);
      return std::nullopt;
    case InvalidKind::wrong_type:
    case InvalidKind::cut_bytes:
    case InvalidKind::unknown_encoding:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace natsproof
