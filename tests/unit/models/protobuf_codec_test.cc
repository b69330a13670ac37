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

std::string bytes_of(const google::protobuf::Message& message) {
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
      "metadata[\"k\"]", 9, "the bytes end");
  expect("\x92\x01\x06\x0a\x01\"\x12\x02x"sv, R"(metadata["\""])", 9, "the bytes end");
  expect("\x92\x01\x03\x0a\x01\xff"sv, "metadata.key", 5, "not UTF-8");
}

TEST(ReadProtobuf, SaysWhichElementOfAPackedListIsWrong) {
  using namespace std::string_view_literals;
  // int32_field: 1, packed 2 and 3, then a fourth that is cut.
  const DecodeError varint = error_of<test::EveryRepeated>("\x18\x01\x1a\x03\x02\x03\x80"sv);
  EXPECT_EQ(varint.path, "int32_field[3]");
  EXPECT_EQ(varint.offset, 7);
  const DecodeError fixed = error_of<test::EveryRepeated>("\x4a\x06\1\0\0\0\2\0\x18\x01"sv);
  EXPECT_EQ(fixed.path, "fixed32_field[1]");
  EXPECT_EQ(fixed.offset, 8);
  EXPECT_THAT(fixed.message, HasSubstr("2 short of the value's 4"));
}

TEST(ReadProtobuf, NestsAHundredDeepAndNoDeeper) {
  const auto nested = [](int depth) {
    test::Leaf leaf;
    test::Leaf* inner = &leaf;
    for (int i = 0; i < depth; ++i) inner = inner->add_children();
    return leaf.SerializeAsString();
  };
  test::Leaf leaf;
  EXPECT_TRUE(read_protobuf(nested(100), leaf));
  EXPECT_THAT(error_of<test::Leaf>(nested(101)).message,
              HasSubstr("nested deeper than 100 levels"));
  // What is nested as deep as can be is not what is wrong.
  EXPECT_THAT(error_of<test::Leaf>(nested(100) + '\x0f').message, HasSubstr("wire type 7"));
}

// The number of a field in a tag of five bytes has bits that Protobuf does not look at.
TEST(ReadProtobuf, TagsWithMoreBitsThanNeeded) {
  using namespace std::string_view_literals;
  const std::string_view name = "\x8a\x80\x80\x80\x10\x01x"sv;
  test::Leaf leaf;
  ASSERT_TRUE(read_protobuf(name, leaf));
  EXPECT_EQ(leaf.name(), "x");
  EXPECT_THAT(error_of<test::Leaf>(std::string(name) + '\x0f').offset, 7);
}

// Whatever Protobuf refuses has a place.
TEST(ReadProtobuf, SpoiledBytesAlwaysHaveAPlace) {
  google::protobuf::LogSilencer silence;
  Random random(5);
  int refused = 0;
  for (int i = 0; i < 4'000; ++i) {
    test::EveryKind message;
    test::fill_randomly(message, random, {.depth = 2, .set_share = 0.2, .max_count = 2});
    std::string bytes = bytes_of(message);
    for (std::uint64_t n = 1 + random.below(3); n > 0 && !bytes.empty(); --n) {
      const std::size_t at = random.below(bytes.size());
      switch (random.below(3)) {
        case 0:
          bytes[at] = static_cast<char>(random.next());
          break;
        case 1:
          bytes.erase(at, 1 + random.below(3));
          break;
        default:
          bytes.insert(at, 1, static_cast<char>(random.next()));
      }
    }
    const Decoded result = read_protobuf(bytes, message);
    if (result) continue;
    ++refused;
    ASSERT_LE(result.error().offset, bytes.size());
    ASSERT_THAT(result.error().message, testing::Not(HasSubstr("not a message of this type")));
  }
  EXPECT_GT(refused, 1'000);
}

TEST(ReadProtobuf, OrdersCutAtEveryByte) {
  Random random(3);
  const std::string bytes = bytes_of(sample_order(random, 2));
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
    const std::string bytes = bytes_of(message);
    test::EveryKind again;
    ASSERT_TRUE(read_protobuf(bytes, again));
    ASSERT_EQ(bytes_of(again), bytes) << seed;
  }
}

}  // namespace
}  // namespace natsproof
