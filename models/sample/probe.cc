#include "models/sample/probe.h"

#include <string>
#include <string_view>

#include <fmt/format.h>

#include "models/sample/draw.h"
#include "models/sample/text.h"

namespace natsproof {
namespace {

constexpr std::string_view kSuffixes[] = {"ABC", "XYZ", "NAT", "QQQ", "PRF"};

}  // namespace

models::v1::ValidationProbe sample_probe(Random& random) {
  models::v1::ValidationProbe probe;
  probe.set_required_field(sample_prose(random, 10, 80));
  probe.set_email(sample_email(random));
  probe.set_number(between_int32(random, 100, 1000));
  const std::string digits = sample_digits(random, 4);
  probe.set_pattern(fmt::format("TEST-{}-{}", digits, one_of(random, kSuffixes)));
  return probe;
}

}  // namespace natsproof
