// Text as people and programs write it: prose in several scripts, ids, codes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <google/protobuf/map.h>
#include <google/protobuf/timestamp.pb.h>

#include "base/random.h"

namespace natsproof {

std::size_t count_characters(std::string_view utf8);  // code points

// Sentences of `least` to `most` characters, shorter ones more often. Mostly ASCII; some words in
// UTF-8 of two to four bytes, some quotes and line breaks, which JSON has to escape.
// REQUIRES: least + 20 <= most.
std::string sample_prose(Random& random, std::size_t least, std::size_t most);

std::string sample_digits(Random& random, int digits);
std::string sample_hex(Random& random, int digits);  // upper case
std::string sample_id(Random& random,
                      std::string_view prefix);  // prefix, 12 lower-case hexadecimal digits
std::string sample_uuid(Random& random);         // version 4
std::string sample_email(Random& random);

// `entries` different keys at most, of those that belong to shops.
void fill_metadata(Random& random, int entries,
                   google::protobuf::Map<std::string, std::string>& map);

inline constexpr std::int64_t kDay_s = 86400;
// Between two times in seconds since 1970; fractions of none, three, six or nine digits.
void fill_timestamp(Random& random, std::int64_t least_s, std::int64_t most_s,
                    google::protobuf::Timestamp& time);

}  // namespace natsproof
