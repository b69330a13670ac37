// What the sample shop sells: always the same thousand products, the popular ones first.
//
// Built at the first use, in a few milliseconds; read only from then on, by any number of threads.
#pragma once

#include <cstdint>
#include <vector>

#include "base/random.h"
#include "models/schema/product.pb.h"

namespace natsproof {

class ProductCatalogue {
 public:
  static constexpr std::uint32_t kProducts = 1000;

  ProductCatalogue();

  // REQUIRES: 1 <= rank <= kProducts; 1 is asked for most.
  [[nodiscard]] const models::v1::Product& product(std::uint32_t rank) const {
    return products_[rank - 1];
  }
  // Zipf's law with exponent 1: rank r with a probability of (1/r) / (1/1 + 1/2 + … + 1/kProducts).
  [[nodiscard]] std::uint32_t draw_rank(Random& random) const;

 private:
  std::vector<models::v1::Product> products_;
  std::vector<std::uint64_t> weight_up_to_;  // of the ranks 1 … index + 1, in units of 2^-32
};

const ProductCatalogue& product_catalogue();

}  // namespace natsproof
