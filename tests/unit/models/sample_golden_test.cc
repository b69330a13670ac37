// The same seed is the same data, on every machine, by every compiler: hashes of what some seeds
// give. They change with the generator, and then so do the figures measured with its data.
#include <cstdint>
#include <string>

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <gtest/gtest.h>

#include "models/sample/bulk.h"
#include "models/sample/events.h"
#include "models/sample/invalid_request.h"
#include "models/sample/order.h"
#include "models/sample/probe.h"
#include "models/sample/product_catalogue.h"
#include "models/sample/spoiled.h"

namespace natsproof {
namespace {

class Hash {
 public:
  void add(std::string_view bytes) {
    for (const char c : bytes) hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  }
  void add(const google::protobuf::Message& message) {
    std::string bytes;
    {
      google::protobuf::io::StringOutputStream stream(&bytes);
      google::protobuf::io::CodedOutputStream out(&stream);
      out.SetSerializationDeterministic(true);
      ASSERT_TRUE(message.SerializeToCodedStream(&out));
    }
    add(bytes);
  }
  [[nodiscard]] std::uint64_t value() const { return hash_; }

 private:
  std::uint64_t hash_ = 0xcbf29ce484222325ULL;
};

template <typename Make>
std::uint64_t hash_of_seeds(std::uint64_t seeds, Make make) {
  Hash hash;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    Random random(seed);
    hash.add(make(random));
  }
  return hash.value();
}

TEST(SampleGolden, Catalogue) {
  Hash hash;
  for (std::uint32_t rank = 1; rank <= ProductCatalogue::kProducts; ++rank) {
    hash.add(product_catalogue().product(rank));
  }
  EXPECT_EQ(hash.value(), 11235316015785211555U);
}

TEST(SampleGolden, Orders) {
  EXPECT_EQ(hash_of_seeds(1000, [](Random& random) { return sample_order(random, 3); }),
            16979491107727543542U);
}

TEST(SampleGolden, OrdersOfIds) {
  EXPECT_EQ(hash_of_seeds(
                100, [](Random& random) { return make_order_from_id(sample_order_id(random)); }),
            6494431664832209027U);
}

TEST(SampleGolden, Events) {
  EXPECT_EQ(hash_of_seeds(100, [](Random& random) { return sample_event_batch(random, 10); }),
            11990364022381278100U);
}

TEST(SampleGolden, BulkRequests) {
  EXPECT_EQ(hash_of_seeds(100, [](Random& random) { return sample_bulk_request(random, 10); }),
            8089609071351716842U);
}

TEST(SampleGolden, Probes) {
  EXPECT_EQ(hash_of_seeds(1000, sample_probe), 9539787388152751835U);
}

TEST(SampleGolden, SpoiledOrders) {
  Hash hash;
  for (const InvalidKind kind : kInvalidKinds) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      Random random(seed);
      models::v1::Order order = sample_order(random, 3);
      if (const auto breach = spoil(kind, random, order)) hash.add(breach->path);
      hash.add(order);
    }
  }
  EXPECT_EQ(hash.value(), 74761946011370827U);
}

TEST(SampleGolden, InvalidRequests) {
  Hash hash;
  for (const InvalidKind kind : kInvalidKinds) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      Random random(seed);
      const auto request =
          make_invalid_request(kind, Encoding::protobuf, random, sample_order(random, 1));
      if (!request) continue;
      hash.add(request->content_type);
      hash.add(request->path);
      hash.add(request->rule);
      hash.add(request->body);
    }
  }
  EXPECT_EQ(hash.value(), 1110595574610656697U);
}

}  // namespace
}  // namespace natsproof
