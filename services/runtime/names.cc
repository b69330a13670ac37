#include "services/runtime/names.h"

#include <algorithm>
#include <random>

#include "base/random.h"

namespace natsproof {
namespace {

constexpr std::string_view kAlphanumeric =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_word(char c) {
  return kAlphanumeric.find(c) != std::string_view::npos || c == '-';
}

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit) &&
         (text.size() == 1 || text.front() != '0');
}

// Dot-separated identifiers; numbers among them without leading zeros where `ordered`, as in a
// pre-release.
bool are_identifiers(std::string_view text, bool ordered) {
  while (true) {
    const std::size_t dot = text.find('.');
    const std::string_view part = text.substr(0, dot);
    if (part.empty() || !std::all_of(part.begin(), part.end(), is_word)) return false;
    if (ordered && std::all_of(part.begin(), part.end(), is_digit) && !is_number(part))
      return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

}  // namespace

bool is_service_name(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_word(c) || c == '_'; });
}

bool is_semver(std::string_view text) {
  if (const std::size_t plus = text.find('+'); plus != std::string_view::npos) {
    if (!are_identifiers(text.substr(plus + 1), false)) return false;
    text = text.substr(0, plus);
  }
  if (const std::size_t hyphen = text.find('-'); hyphen != std::string_view::npos) {
    if (!are_identifiers(text.substr(hyphen + 1), true)) return false;
    text = text.substr(0, hyphen);
  }
  const std::size_t first = text.find('.');
  const std::size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
  return second != std::string_view::npos && is_number(text.substr(0, first)) &&
         is_number(text.substr(first + 1, second - first - 1)) &&
         is_number(text.substr(second + 1));
}

std::string make_service_id() {
  std::random_device device;
  Random random{std::uint64_t{device()} << 32 | device()};
  std::string id;
  for (int i = 0; i < 22; ++i) id += kAlphanumeric[random.below(kAlphanumeric.size())];
  return id;
}

}  // namespace natsproof
