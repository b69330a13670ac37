#include "models/sample/product_catalogue.h"

#include <algorithm>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "models/sample/draw.h"
#include "models/sample/text.h"

namespace natsproof {
namespace {

using models::v1::Dimensions;
using models::v1::Product;
using models::v1::ProductCategory;
using models::v1::ProductVariant;

constexpr std::string_view kBrands[] = {"Nordlys",   "Ærø Works", "Fjäll & Co", "Acme",  "Kumo",
                                        "Señor Pan", "Bluewater", "Hightower",  "Ōkami", "Lumen"};
constexpr std::string_view kMaterials[] = {"Steel",  "Oak",     "Cotton",  "Wool",   "Glass",
                                           "Bamboo", "Leather", "Ceramic", "Carbon", "Cork"};
constexpr std::string_view kThings[] = {
    "Water Bottle", "Desk Lamp", "Backpack",  "Headphones",   "Notebook",   "Chair",
    "Rain Jacket",  "Kettle",    "Puzzle",    "Running Shoe", "Hand Cream", "Crème brûlée Set",
    "Coffee Mill",  "Bookshelf", "Toy Train", "Power Bank"};
constexpr std::string_view kColours[] = {"black", "white", "red", "navy", "olive", "señal yellow"};
constexpr std::string_view kSizes[] = {"XS", "S", "M", "L", "XL", "one size"};
constexpr std::string_view kTags[] = {"new",     "sale",  "bestseller", "eco",      "gift-idea",
                                      "limited", "vegan", "été",        "handmade", "clearance"};

constexpr std::int64_t kFirstProduct_s = 1514764800;  // 2018-01-01
constexpr std::int64_t kLastProduct_s = 1719792000;   // 2024-07-01

std::int64_t draw_price_cents(Random& random) {
  const std::uint64_t of_100 = random.below(100);
  const std::int64_t price = of_100 < 40   ? between(random, 199, 1999)
                             : of_100 < 80 ? between(random, 2000, 9999)
                             : of_100 < 95 ? between(random, 10000, 49999)
                                           : between(random, 50000, 249999);
  return price - price % 10 + 9;  // as shops have it
}

void fill_dimensions(Random& random, Dimensions& dimensions) {
  dimensions.set_length_cm(static_cast<double>(between(random, 10, 1500)) / 10);
  dimensions.set_width_cm(static_cast<double>(between(random, 10, 900)) / 10);
  dimensions.set_height_cm(static_cast<double>(between(random, 5, 600)) / 10);
}

void fill_variant(Random& random, std::uint32_t rank, int number, std::int64_t price_cents,
                  ProductVariant& variant) {
  const std::string_view colour = one_of(random, kColours);
  const std::string_view size = one_of(random, kSizes);
  variant.set_sku(fmt::format("SKU-{:04}-{:02}", rank, number));
  variant.set_name(fmt::format("{}, {}", colour, size));
  auto& attributes = *variant.mutable_attributes();
  attributes["colour"] = colour;
  if (chance(random, 70)) attributes["size"] = size;
  if (chance(random, 20)) attributes["material"] = one_of(random, kMaterials);
  variant.set_price_cents(price_cents + 100 * number);
  variant.set_weight_grams(between_int32(random, 20, chance(random, 10) ? 50000 : 3000));
  fill_dimensions(random, *variant.mutable_dimensions());
  variant.set_stock(between_int32(random, 100, 5000));
  variant.set_digital(chance(random, 5));
}

Product make_product(std::uint32_t rank) {
  Random random(mix64(rank));
  Product product;
  product.set_product_id(fmt::format("PROD-{:06}", rank));
  const std::string_view brand = one_of(random, kBrands);
  const std::string_view material = one_of(random, kMaterials);
  product.set_name(fmt::format("{} {} {}", brand, material, one_of(random, kThings)));
  if (chance(random, 30)) product.mutable_name()->append(" – 2nd generation, with gift box");
  product.set_description(sample_prose(random, 80, 600));
  product.set_category(static_cast<ProductCategory>(
      between_int32(random, models::v1::ELECTRONICS, models::v1::BEAUTY)));
  product.set_brand(std::string(brand));
  const std::int64_t price_cents = draw_price_cents(random);
  const int of_10 = between_int32(random, 1, 10);
  const int variants = of_10 <= 5 ? 1 : of_10 <= 8 ? 2 : of_10 == 9 ? 3 : 4;
  for (int i = 0; i < variants; ++i) {
    fill_variant(random, rank, i, price_cents, *product.add_variants());
  }
  const int tags = between_int32(random, 0, 5);
  for (int i = 0; i < tags; ++i) product.add_tags(std::string(one_of(random, kTags)));
  const int images = between_int32(random, 0, 3);
  for (int i = 0; i < images; ++i) {
    product.add_images(fmt::format("https://images.example.com/p/{:06}/{}-{}.jpg?w=1200", rank, i,
                                   sample_hex(random, 6)));
  }
  product.set_rating(static_cast<double>(between(random, 20, 50)) / 10);
  product.set_reviews(between_int32(random, 0, 4000));
  fill_timestamp(random, kFirstProduct_s, kLastProduct_s, *product.mutable_created_at());
  const std::int64_t created_s = product.created_at().seconds();
  fill_timestamp(random, created_s + 1, created_s + 180 * kDay_s, *product.mutable_updated_at());
  fill_metadata(random, between_int32(random, 0, 4), *product.mutable_metadata());
  return product;
}

}  // namespace

ProductCatalogue::ProductCatalogue() {
  products_.reserve(kProducts);
  weight_up_to_.reserve(kProducts);
  std::uint64_t weight = 0;
  for (std::uint32_t rank = 1; rank <= kProducts; ++rank) {
    products_.push_back(make_product(rank));
    weight += (std::uint64_t{1} << 32) / rank;
    weight_up_to_.push_back(weight);
  }
}

std::uint32_t ProductCatalogue::draw_rank(Random& random) const {
  const std::uint64_t drawn = random.below(weight_up_to_.back());
  const auto at = std::upper_bound(weight_up_to_.begin(), weight_up_to_.end(), drawn);
  return static_cast<std::uint32_t>(at - weight_up_to_.begin()) + 1;
}

const ProductCatalogue& product_catalogue() {
  static const ProductCatalogue catalogue;
  return catalogue;
}

}  // namespace natsproof
