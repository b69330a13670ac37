// Malformed Protobuf gets a path and an offset; what is written is the same each time.
#include "models/runtime/protobuf_codec.h"

#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <google/protobuf/stubs/logging.h>
#include <gtest/gtest.h>

#include "models/sample/order.h"
#include "models/schema/order.pb.h"
#include "tests/unit/models/random_message.h"
#include "unit/models/every_kind.pb.h"

namespace natsproof {
namespace {

using models::v1::Order;
using testing::HasSubstr;

template <typename Message>
DecodeError error_of(std::string_view bytes) {
  google::protobuf::LogSilencer silence;
  Message message;
  const Decoded result = read_protobuf(bytes, message);
  EXPECT_FALSE(result.ok());
  return result.ok() ? DecodeError{} : result.error();
}

std::string written(const google::protobuf::Message& message) {
  std::string bytes;
  write_protobuf(message, bytes);
  return bytes;
}

TEST(ReadProtobuf, ReplacesWhatWasThereAndKeepsUnknownFields) {
  Order order;
  order.set_notes("old");
  ASSERT_TRUE(read_protobuf(std::string_view("\x72\x01x", 0), order));
  EXPECT_EQ(order.notes(), "");
  const std::string unknown("\xf8\x7f\x01", 3);  // field 2047
  ASSERT_TRUE(read_protobuf(unknown, order));
  EXPECT_EQ(order.SerializeAsString(), unknown);
}

TEST(ReadProtobuf, SaysWhatIsWrongAndWhere) {
  const auto expect = [](std::string_view bytes, std::string_view path, std::size_t offset,
                         const std::string& says) {
    const DecodeError error = error_of<Order>(bytes);
    EXPECT_EQ(error.path, path);
    EXPECT_EQ(error.offset, offset);
    EXPECT_THAT(error.message, HasSubstr(says));
  };
  using namespace std::string_view_literals;
  expect("\x0a"sv, "order_id", 1, "the bytes end within a number");
  expect(
      "\x0a\x05"
      "ab"sv,
      "order_id", 4, "the bytes end 3 short of the value's 5");
  expect(
      "\x0a\x03"
      "a\xff"
      "b"sv,
      "order_id", 3, "not UTF-8: byte 0xff");
  expect("\x0a\xff\xff\xff\xff\x0f"sv, "order_id", 1, "a length of 4294967295 bytes");
  expect("\x28\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"sv, "subtotal_cents", 1,
         "a number of more than 10 bytes");
  expect("\x00"sv, "", 0, "no field has this number");
  expect("\x0f"sv, "", 0, "wire type 7");
  expect("\x0c"sv, "", 0, "the end of group 1 that did not begin");
  expect("\x0b\x08\x01"sv, "", 3, "the bytes end within group 1");
  expect("\xff\xff\xff\xff\xff\x01"sv, "", 0, "more than 5 bytes");
  expect("\x1a\x00\x1a\x05\x4a\x03\x32\x01\x0a"sv, "items[1].product.variants[0].sku", 9,
         "the bytes end within a number");
  expect(
      "\x92\x01\x06\x0a\x01"
      "k\x12\x02x"sv,
      "metadata[\"k\"].value", 9, "the bytes end");
}

TEST(ReadProtobuf, NestsAHundredDeepAndNoDeeper) {
  test::Leaf leaf;
  test::Leaf* inner = &leaf;
  for (int i = 0; i < 150; ++i) inner = inner->add_children();
  EXPECT_THAT(error_of<test::Leaf>(leaf.SerializeAsString()).message,
              HasSubstr("nested deeper than 100 levels"));
}

TEST(ReadProtobuf, OrdersCutAtEveryByte) {
  Random random(3);
  const std::string bytes = written(sample_order(random, 2));
  std::size_t refused = 0;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    google::protobuf::LogSilencer silence;
    const std::string_view cut(bytes.data(), size);
    Order order, oracle;
    const Decoded result = read_protobuf(cut, order);
    ASSERT_EQ(result.ok(), oracle.ParseFromArray(cut.data(), static_cast<int>(size)));
    if (result) continue;
    ++refused;
    ASSERT_EQ(result.error().offset, size);
    ASSERT_THAT(result.error().message, HasSubstr("the bytes end"));
  }
  EXPECT_GT(refused, bytes.size() / 2);
}

TEST(WriteProtobuf, WritesTheSameBytesEachTime) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Random random(seed);
    test::EveryKind message;
    test::fill_randomly(message, random);
    const std::string bytes = written(message);
    test::EveryKind again;
    ASSERT_TRUE(read_protobuf(bytes, again));
    ASSERT_EQ(written(again), bytes) << seed;
  }
}

}  // namespace
}  // namespace natsproof
