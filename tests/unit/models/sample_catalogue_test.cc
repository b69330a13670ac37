#include <cmath>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/sample/product_catalogue.h"
#include "models/sample/text.h"
#include "models/schema/product.natsproof.h"

namespace natsproof {
namespace {

constexpr std::uint32_t kProducts = ProductCatalogue::kProducts;

TEST(Catalogue, HasProductsOfRealisticSizes) {
  std::set<std::string> ids, skus;
  std::set<int> counts_of_variants;
  std::size_t beyond_ascii = 0;
  for (std::uint32_t rank = 1; rank <= kProducts; ++rank) {
    const models::v1::Product& product = product_catalogue().product(rank);
    ids.insert(product.product_id());
    counts_of_variants.insert(product.variants_size());
    for (const auto& variant : product.variants()) skus.insert(variant.sku());
    const std::size_t characters = count_characters(product.description());
    EXPECT_GE(characters, 80) << product.description();
    EXPECT_LE(characters, 600) << product.description();
    if (characters < product.description().size()) ++beyond_ascii;
  }
  EXPECT_EQ(ids.size(), kProducts);
  EXPECT_GT(skus.size(), kProducts);
  EXPECT_THAT(counts_of_variants, ::testing::ElementsAre(1, 2, 3, 4));
  EXPECT_GT(beyond_ascii, kProducts / 4);
  EXPECT_LT(beyond_ascii, kProducts);
}

TEST(Catalogue, IsValid) {
  for (std::uint32_t rank = 1; rank <= kProducts; ++rank) {
    Violations violations;
    EXPECT_TRUE(validate(product_catalogue().product(rank), violations))
        << violations.list()[0].path << ": " << violations.list()[0].message;
  }
}

TEST(Catalogue, IsAskedForByZipfsLaw) {
  constexpr int kDraws = 1'000'000;
  std::vector<double> drawn(kProducts + 1);
  Random random(1);
  for (int i = 0; i < kDraws; ++i) ++drawn[product_catalogue().draw_rank(random)];
  double harmonic = 0;
  for (std::uint32_t rank = 1; rank <= kProducts; ++rank) harmonic += 1.0 / rank;
  for (const std::uint32_t rank : {1U, 2U, 3U, 10U, 100U, 999U, 1000U}) {
    const double expected = kDraws / (rank * harmonic);
    EXPECT_NEAR(drawn[rank], expected, 5 * std::sqrt(expected)) << "rank " << rank;
  }
  EXPECT_EQ(drawn[0], 0);
}

}  // namespace
}  // namespace natsproof
