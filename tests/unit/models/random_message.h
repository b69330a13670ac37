// A message with seeded random content in every field of every kind, the edges first: for the tests
// of the codecs.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "base/random.h"

namespace natsproof::test {

struct RandomMessageOptions {
  int depth = 4;             // of messages in messages; below, fields of messages stay empty
  double set_share = 0.6;    // of the fields that have a value
  int max_count = 4;         // of the elements of a list, the entries of a map
  bool finite_only = false;  // no NaN, no infinity
};

// What fill_randomly() does. Valid for every encoding: UTF-8 in strings, Timestamps and Durations
// in their ranges, a kind in every google.protobuf.Value, field masks that can be written in
// camelCase and back. Enums have undeclared numbers now and then.
class RandomMessage {
 public:
  explicit RandomMessage(Random& random, RandomMessageOptions options = {})
      : random_(random), options_(options) {}

  // Replaces the message's content.
  void fill(google::protobuf::Message& message) {
    message.Clear();
    fill(message, options_.depth);
    // Reflection adds entries of maps without looking for their keys; reading makes maps of them.
    message.ParseFromString(message.SerializeAsString());
  }

 private:
  using FieldDescriptor = google::protobuf::FieldDescriptor;
  using Message = google::protobuf::Message;

  template <typename T>
  T any_of(std::span<const T> values) {
    return values[random_.below(values.size())];
  }

  void fill(Message& message, int depth) {
    const google::protobuf::Descriptor& type = *message.GetDescriptor();
    const std::string& name = type.full_name();
    if (name == "google.protobuf.Timestamp") return fill_timestamp(message);
    if (name == "google.protobuf.Duration") return fill_duration(message);
    if (name == "google.protobuf.FieldMask") return fill_mask(message);
    if (name == "google.protobuf.Value") return fill_value(message, depth);
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      if (random_.uniform() >= options_.set_share) continue;
      if (field.is_repeated()) {
        const std::uint64_t count =
            random_.below(static_cast<std::uint64_t>(options_.max_count) + 1);
        for (std::uint64_t n = 0; n < count; ++n) set(message, field, depth);
      } else {
        set(message, field, depth);
      }
    }
  }

  // Adds an element or sets the value.
  void set(Message& message, const FieldDescriptor& field, int depth) {
    const google::protobuf::Reflection& reflection = *message.GetReflection();
    const bool add = field.is_repeated();
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32: {
        const auto value = integer<std::int32_t>();
        return add ? reflection.AddInt32(&message, &field, value)
                   : reflection.SetInt32(&message, &field, value);
      }
      case FieldDescriptor::CPPTYPE_INT64: {
        const auto value = integer<std::int64_t>();
        return add ? reflection.AddInt64(&message, &field, value)
                   : reflection.SetInt64(&message, &field, value);
      }
      case FieldDescriptor::CPPTYPE_UINT32: {
        const auto value = integer<std::uint32_t>();
        return add ? reflection.AddUInt32(&message, &field, value)
                   : reflection.SetUInt32(&message, &field, value);
      }
      case FieldDescriptor::CPPTYPE_UINT64: {
        const auto value = integer<std::uint64_t>();
        return add ? reflection.AddUInt64(&message, &field, value)
                   : reflection.SetUInt64(&message, &field, value);
      }
      case FieldDescriptor::CPPTYPE_DOUBLE: {
        const auto value = real<double, std::uint64_t>(options_.finite_only);
        return add ? reflection.AddDouble(&message, &field, value)
                   : reflection.SetDouble(&message, &field, value);
      }
      case FieldDescriptor::CPPTYPE_FLOAT: {
        const auto value = real<float, std::uint32_t>(options_.finite_only);
        return add ? reflection.AddFloat(&message, &field, value)
                   : reflection.SetFloat(&message, &field, value);
      }
      case FieldDescriptor::CPPTYPE_BOOL: {
        const bool value = random_.below(2) == 1;
        return add ? reflection.AddBool(&message, &field, value)
                   : reflection.SetBool(&message, &field, value);
      }
      case FieldDescriptor::CPPTYPE_ENUM: {
        const int value = enumeration(*field.enum_type());
        return add ? reflection.AddEnumValue(&message, &field, value)
                   : reflection.SetEnumValue(&message, &field, value);
      }
      case FieldDescriptor::CPPTYPE_STRING: {
        std::string value = field.type() == FieldDescriptor::TYPE_BYTES ? bytes() : text();
        return add ? reflection.AddString(&message, &field, std::move(value))
                   : reflection.SetString(&message, &field, std::move(value));
      }
      case FieldDescriptor::CPPTYPE_MESSAGE: {
        const bool entry = field.is_map();
        if (depth == 0 && !entry) return;
        Message& part = add ? *reflection.AddMessage(&message, &field)
                            : *reflection.MutableMessage(&message, &field);
        return entry ? fill_entry(part, depth) : fill(part, depth - 1);
      }
    }
  }

  // Always key and value, as whoever reads an entry without them adds them.
  void fill_entry(Message& entry, int depth) {
    const google::protobuf::Descriptor& type = *entry.GetDescriptor();
    set(entry, *type.map_key(), depth);
    const FieldDescriptor& value = *type.map_value();
    if (value.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      Message& part = *entry.GetReflection()->MutableMessage(&entry, &value);
      fill(part, depth > 0 ? depth - 1 : 0);
    } else {
      set(entry, value, depth);
    }
  }

  void fill_timestamp(Message& message) {
    constexpr std::int64_t kFirst = -62135596800;  // 0001-01-01T00:00:00Z
    constexpr std::int64_t kLast = 253402300799;   // 9999-12-31T23:59:59Z
    constexpr std::array<std::int64_t, 8> kEdges{kFirst,     kLast,      0,
                                                 -1,         951782400,  // 29 February 2000
                                                 4107542399,             // 2100-02-28T23:59:59Z
                                                 1700000000, -2208988800};
    const std::int64_t seconds =
        random_.below(2) == 0 ? any_of<std::int64_t>(kEdges)
                              : kFirst + static_cast<std::int64_t>(random_.below(
                                             static_cast<std::uint64_t>(kLast - kFirst) + 1));
    set_time(message, seconds, nanos());
  }

  void fill_duration(Message& message) {
    constexpr std::int64_t kMost = 315576000000;
    constexpr std::array<std::int64_t, 6> kEdges{0, 0, 1, kMost, 60, 1234567};
    const std::int64_t seconds = random_.below(2) == 0
                                     ? any_of<std::int64_t>(kEdges)
                                     : static_cast<std::int64_t>(random_.below(kMost + 1));
    const int sign = random_.below(2) == 0 ? 1 : -1;
    set_time(message, sign * seconds, seconds == kMost ? 0 : sign * nanos());
  }

  std::int32_t nanos() {
    constexpr std::array<std::int32_t, 9> kEdges{0,    0, 0,         500000000, 1000000,
                                                 1000, 1, 999999999, 120000};
    return random_.below(2) == 0 ? any_of<std::int32_t>(kEdges)
                                 : static_cast<std::int32_t>(random_.below(1000000000));
  }

  static void set_time(Message& message, std::int64_t seconds, std::int32_t nanos) {
    const google::protobuf::Descriptor& type = *message.GetDescriptor();
    message.GetReflection()->SetInt64(&message, type.FindFieldByName("seconds"), seconds);
    message.GetReflection()->SetInt32(&message, type.FindFieldByName("nanos"), nanos);
  }

  void fill_mask(Message& message) {
    constexpr std::array<std::string_view, 6> kPaths{
        "a", "order_id", "customer.first_name", "b_cd_ef", "x1.y2", "items.product.variants"};
    const FieldDescriptor* paths = message.GetDescriptor()->FindFieldByName("paths");
    for (std::uint64_t n = random_.below(4); n > 0; --n) {
      message.GetReflection()->AddString(&message, paths,
                                         std::string(any_of<std::string_view>(kPaths)));
    }
  }

  void fill_value(Message& message, int depth) {
    const google::protobuf::Descriptor& type = *message.GetDescriptor();
    const google::protobuf::Reflection& reflection = *message.GetReflection();
    switch (random_.below(depth > 0 ? 6 : 4)) {
      case 0:
        return reflection.SetEnumValue(&message, type.FindFieldByName("null_value"), 0);
      case 1:  // JSON has no NaN, and a string in its place is a string
        return reflection.SetDouble(&message, type.FindFieldByName("number_value"),
                                    real<double, std::uint64_t>(true));
      case 2:
        return reflection.SetString(&message, type.FindFieldByName("string_value"), text());
      case 3:
        return reflection.SetBool(&message, type.FindFieldByName("bool_value"),
                                  random_.below(2) == 1);
      case 4:
        return fill(*reflection.MutableMessage(&message, type.FindFieldByName("struct_value")),
                    depth - 1);
      default:
        return fill(*reflection.MutableMessage(&message, type.FindFieldByName("list_value")),
                    depth - 1);
    }
  }

  template <typename Integer>
  Integer integer() {
    using Limits = std::numeric_limits<Integer>;
    constexpr std::array<Integer, 9> kEdges{
        0, 1, Limits::max(), Limits::min(), static_cast<Integer>(-1), 9, 10, 99, 100};
    switch (random_.below(3)) {
      case 0:
        return any_of<Integer>(kEdges);
      case 1:
        return static_cast<Integer>(random_.next());
      default:  // every number of digits
        return static_cast<Integer>(static_cast<Integer>(random_.next()) >>
                                    random_.below(Limits::digits));
    }
  }

  template <typename Real, typename Bits>
  Real real(bool finite_only) {
    using Limits = std::numeric_limits<Real>;
    constexpr std::array<Real, 16> kEdges{Real{0},
                                          Real{-0.0},
                                          Real{1},
                                          Real{-1.5},
                                          static_cast<Real>(0.1),
                                          static_cast<Real>(19.99),
                                          static_cast<Real>(1e15),
                                          static_cast<Real>(1e21),
                                          static_cast<Real>(1e-7),
                                          static_cast<Real>(123456.789),
                                          Limits::max(),
                                          Limits::lowest(),
                                          Limits::min(),
                                          Limits::quiet_NaN(),
                                          Limits::infinity(),
                                          -Limits::infinity()};
    for (;;) {
      Real value{};
      switch (random_.below(3)) {
        case 0:
          value = any_of<Real>(kEdges);
          break;
        case 1:
          value = std::bit_cast<Real>(static_cast<Bits>(random_.next()));
          if (value != value) value = Limits::quiet_NaN();  // every other NaN is read as this one
          break;
        default:  // decimals, as people write them
          value = static_cast<Real>(static_cast<double>(random_.below(2000001)) / 100 - 10000);
      }
      const bool finite = value >= Limits::lowest() && value <= Limits::max();
      if (finite || !finite_only) return value;
    }
  }

  int enumeration(const google::protobuf::EnumDescriptor& type) {
    if (type.full_name() == "google.protobuf.NullValue") return 0;
    if (random_.below(8) == 0) return integer<std::int32_t>();
    const auto index = random_.below(static_cast<std::uint64_t>(type.value_count()));
    return type.value(static_cast<int>(index))->number();
  }

  std::string text() {
    using namespace std::string_view_literals;
    constexpr std::array<std::string_view, 24> kPieces{
        "a"sv,
        "plain text, "sv,
        "\""sv,
        "\\"sv,
        "/"sv,
        "\n"sv,
        "\t"sv,
        "\b\f\r"sv,
        "\0"sv,
        "\x01\x1f"sv,
        "\x7f"sv,
        "\u00e9"sv,
        "ß"sv,
        "\u2028"sv,
        "\u2029"sv,
        "\ufeff"sv,
        "\U0001f600"sv,
        "\U0010ffff"sv,
        "日本"sv,
        "</script>&'"sv,
        "\\u0041"sv,
        "\u0080"sv,
        "\uffff"sv,
        "a longer run of characters without anything to escape in it, over many words"sv};
    constexpr std::array<std::uint64_t, 4> kCounts{0, 1, 3, 20};
    std::string made;
    for (std::uint64_t n = random_.below(any_of<std::uint64_t>(kCounts) + 1); n > 0; --n) {
      made += any_of<std::string_view>(kPieces);
    }
    return made;
  }

  std::string bytes() {
    constexpr std::array<std::uint64_t, 3> kSizes{0, 4, 200};
    std::string made(random_.below(any_of<std::uint64_t>(kSizes) + 1), '\0');
    for (char& byte : made) byte = static_cast<char>(random_.next());
    return made;
  }

  Random& random_;
  RandomMessageOptions options_;
};

// Replaces the message's content.
inline void fill_randomly(google::protobuf::Message& message, Random& random,
                          RandomMessageOptions options = {}) {
  RandomMessage(random, options).fill(message);
}

}  // namespace natsproof::test
