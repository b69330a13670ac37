#include "models/sample/text.h"

#include <algorithm>
#include <cstdint>

#include "models/sample/draw.h"

namespace natsproof {
namespace {

constexpr std::string_view kWords[] = {
    "a",       "with",      "light",    "solid",     "and",      "easy",     "to",       "carry",
    "made",    "from",      "recycled", "steel",     "cotton",   "oak",      "for",      "everyday",
    "use",     "at",        "home",     "in",        "the",      "office",   "or",       "outside",
    "water",   "resistant", "finish",   "keeps",     "its",      "shape",    "after",    "years",
    "of",      "washing",   "soft",     "touch",     "handle",   "fits",     "most",     "standard",
    "sizes",   "includes",  "two",      "spare",     "parts",    "warranty", "by",       "maker",
    "tested",  "cold",      "weather",  "quiet",     "motor",    "battery",  "lasts",    "long",
    "charge",  "over",      "USB-C",    "colour",    "may",      "vary",     "slightly", "between",
    "batches", "please",    "check",    "before",    "ordering", "compact",  "design",   "stores",
    "flat",    "without",   "tools",    "assembled", "minutes",  "safe",     "children", "tall",
    "reading", "travel",    "kitchen",  "garden",    "organic",  "fair",     "trade",    "new",
};
// Two, three and four bytes a character, signs, and what JSON escapes.
constexpr std::string_view kSpecialWords[] = {
    "café", "für", "größer",  "naïve",  "señal",   "façade", "40 °C", "½ l",      "±2 mm",  "12 µm",
    "–",    "€5",  "№ 7",     "日本製", "東京",    "서울",   "новый", "качество", "Ελλάδα", "🌿",
    "🎁",    "⭐",   "\"pro\"", "3/4\"",  "C:\\new", "<b>",    "R&D",   "it's",
};

constexpr std::string_view kMailNames[] = {"anna",  "ben",    "chen", "dora",   "emil", "fatima",
                                           "goran", "hannah", "ivan", "jose",   "kim",  "lena",
                                           "maria", "noah",   "olga", "pierre", "sara", "yusuf"};
constexpr std::string_view kMailDomains[] = {"example.com", "example.org", "mail.example.net",
                                             "post.example.co.uk", "shop-and-more.example"};

struct MetadataValues {
  std::string_view key;
  std::string_view values[4];
};
constexpr MetadataValues kMetadata[] = {
    {"channel", {"web", "mobile-app", "call-centre", "marketplace"}},
    {"campaign", {"spring-2025", "newsletter-0412", "retargeting", "été-2025"}},
    {"warehouse", {"FRA-2", "CHI-1", "LYS-3", "ICN-1"}},
    {"gift", {"true", "false", "true", "false"}},
    {"source-ip", {"192.0.2.17", "198.51.100.4", "203.0.113.99", "2001:db8::1f"}},
    {"ab-test", {"checkout-b", "checkout-a", "prices-c", "none"}},
    {"legal/notice", {"§ 312 BGB", "none", "14 days", "RGPD"}},
    {"trace",
     {"00-4bf92f3577b34da6a3ce929d0e0e4736-01", "00-0af7651916cd43dd8448eb211c80319c-00",
      "00-b7ad6b7169203331b7ad6b7169203331-01", "-"}},
};

// Clocks that count seconds, milliseconds (most of them), microseconds, nanoseconds.
constexpr std::uint64_t kClockSteps_ns[] = {1'000'000'000, 1'000'000, 1'000'000, 1'000, 1};

std::string draw_characters(Random& random, int count, std::string_view alphabet) {
  std::string text;
  for (int i = 0; i < count; ++i) text += alphabet[random.below(alphabet.size())];
  return text;
}

}  // namespace

std::size_t count_characters(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80;  // not the continuation of a character
  }));
}

std::string sample_prose(Random& random, std::size_t least, std::size_t most) {
  constexpr std::size_t kLongestStep = 20;  // a word, a full stop and a line break
  const std::size_t room = most - kLongestStep - least + 1;
  const std::uint64_t one = random.below(room);
  const std::uint64_t other = random.below(room);
  const std::size_t wanted = least + std::min(one, other);
  std::string text;
  std::size_t characters = 0;
  int left_in_sentence = 0;
  while (characters < wanted) {
    const std::size_t before = text.size();
    const bool first_of_sentence = left_in_sentence == 0;
    if (first_of_sentence) {
      if (!text.empty()) text += chance(random, 10) ? ".\n" : ". ";
      left_in_sentence = between_int32(random, 5, 14);
    } else {
      text += ' ';
    }
    const std::size_t word = text.size();
    text += chance(random, 4) ? one_of(random, kSpecialWords) : one_of(random, kWords);
    if (first_of_sentence && text[word] >= 'a' && text[word] <= 'z') {
      text[word] = static_cast<char>(text[word] - 'a' + 'A');
    }
    --left_in_sentence;
    characters += count_characters(std::string_view(text).substr(before));
  }
  return text += '.';
}

std::string sample_digits(Random& random, int digits) {
  return draw_characters(random, digits, "0123456789");
}

std::string sample_hex(Random& random, int digits) {
  return draw_characters(random, digits, "0123456789ABCDEF");
}

std::string sample_id(Random& random, std::string_view prefix) {
  return std::string(prefix) + draw_characters(random, 12, "0123456789abcdef");
}

std::string sample_uuid(Random& random) {
  std::string uuid = draw_characters(random, 36, "0123456789abcdef");
  for (const std::size_t hyphen : {8, 13, 18, 23}) uuid[hyphen] = '-';
  uuid[14] = '4';
  uuid[19] = "89ab"[random.below(4)];
  return uuid;
}

std::string sample_email(Random& random) {
  std::string email(one_of(random, kMailNames));
  if (chance(random, 60)) {
    email += '.';
    email += one_of(random, kMailNames);
  }
  if (chance(random, 20)) email += "+shop";
  email += sample_digits(random, between_int32(random, 0, 4));
  email += '@';
  return email += one_of(random, kMailDomains);
}

void fill_metadata(Random& random, int entries,
                   google::protobuf::Map<std::string, std::string>& map) {
  for (int i = 0; i < entries; ++i) {
    const MetadataValues& chosen = one_of(random, kMetadata);
    map[std::string(chosen.key)] = one_of(random, chosen.values);
  }
}

void fill_timestamp(Random& random, std::int64_t least_s, std::int64_t most_s,
                    google::protobuf::Timestamp& time) {
  time.set_seconds(between(random, least_s, most_s));
  const std::uint64_t step = one_of(random, kClockSteps_ns);
  time.set_nanos(static_cast<std::int32_t>(random.below(1'000'000'000 / step) * step));
}

}  // namespace natsproof
