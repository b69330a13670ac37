#include "loadgen/report/seal.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <memory>
#include <new>
#include <optional>
#include <string_view>
#include <vector>

#include <openssl/evp.h>

namespace natsproof {
namespace {

constexpr int kOneLine = -1;
// Far deeper than our documents are; what is nested deeper is none of them.
constexpr int kDeepest = 100;

class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new()) {
    if (context_ == nullptr || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1)
      throw std::bad_alloc();
  }

  void add(std::string_view bytes) {
    pending_ += bytes;
    if (pending_.size() >= kAtOnce) flush();
  }

  std::string hex() {
    flush();
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    EVP_DigestFinal_ex(context_.get(), digest.data(), &size);
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (unsigned int i = 0; i < size; ++i) {
      text += kDigits[digest[i] >> 4];
      text += kDigits[digest[i] & 0xf];
    }
    return text;
  }

 private:
  static constexpr std::size_t kAtOnce = 1 << 16;

  void flush() {
    EVP_DigestUpdate(context_.get(), pending_.data(), pending_.size());
    pending_.clear();
  }

  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context_;
  std::string pending_;
};

template <typename Number>
std::string number_text(Number number) {
  std::array<char, 32> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
  return {text.data(), end};
}

template <typename Json>
std::string scalar_text(const Json& value) {
  constexpr double kMostExact = 9'007'199'254'740'992;  // 2^53
  if (value.is_number_unsigned()) return number_text(value.template get<std::uint64_t>());
  if (value.is_number_integer()) return number_text(value.template get<std::int64_t>());
  if (value.is_number_float()) {
    const auto number = value.template get<double>();
    if (std::abs(number) <= kMostExact && number == std::trunc(number))
      return number_text(static_cast<std::int64_t>(number));
  }
  return value.dump(kOneLine, ' ', false, Json::error_handler_t::replace);
}

// False: nested too deep.
template <typename Json>
bool add(const Json& value, int depth, Sha256& sum) {
  if (!value.is_structured()) {
    sum.add(scalar_text(value));
    return true;
  }
  if (depth > kDeepest) return false;
  if (value.is_array()) {
    std::string_view before = "[";
    for (const Json& item : value) {
      sum.add(before);
      if (!add(item, depth + 1, sum)) return false;
      before = ",";
    }
    sum.add(value.empty() ? "[]" : "]");
    return true;
  }
  std::vector<typename Json::const_iterator> members;
  for (auto member = value.begin(); member != value.end(); ++member) {
    if (depth > 0 || member.key() != kSeal) members.push_back(member);
  }
  std::sort(members.begin(), members.end(),
            [](const auto& a, const auto& b) { return a.key() < b.key(); });
  std::string_view before = "{";
  for (const auto& member : members) {
    sum.add(before);
    sum.add(scalar_text(Json(member.key())));
    sum.add(":");
    if (!add(*member, depth + 1, sum)) return false;
    before = ",";
  }
  sum.add(members.empty() ? "{}" : "}");
  return true;
}

// Nothing of what is nested too deep.
template <typename Json>
std::optional<std::string> sum_of(const Json& document) {
  Sha256 sum;
  if (!add(document, 0, sum)) return std::nullopt;
  return sum.hex();
}

}  // namespace

std::string seal_of(const nlohmann::ordered_json& document) {
  return sum_of(document).value();
}

Seal check_seal(const nlohmann::json& document, bool sealed_version) {
  if (!document.is_object()) return Seal::missing;
  const auto seal = document.find(kSeal);
  if (seal == document.end())
    return sealed_version || document.contains(kSealedBy) ? Seal::broken : Seal::missing;
  const auto* text = seal->get_ptr<const std::string*>();
  return text != nullptr && sum_of(document) == *text ? Seal::intact : Seal::broken;
}

std::string canonical_scalar(const nlohmann::json& value) {
  return scalar_text(value);
}

}  // namespace natsproof
