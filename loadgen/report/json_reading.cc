#include "loadgen/report/json_reading.h"

#include <fmt/format.h>

#include "base/units.h"
#include "loadgen/report/utc_time.h"

namespace natsproof {
namespace {

const nlohmann::json kNothing;
const nlohmann::json::object_t kNoMembers;

}  // namespace

JsonNode JsonNode::member(const std::string& key, const nlohmann::json& value) const {
  return {value, path_.empty() ? key : path_ + "." + key, *reading_};
}

JsonNode JsonNode::at(const std::string& key) const {
  if (!value_->is_object()) {
    expected("an object");
    return member(key, kNothing);
  }
  const auto found = value_->find(key);
  if (found == value_->end()) {
    JsonNode missing = member(key, kNothing);
    missing.fail("missing; the file is cut, edited or not of this version");
    return missing;
  }
  return member(key, *found);
}

std::optional<JsonNode> JsonNode::find(const std::string& key) const {
  if (!value_->is_object()) {
    expected("an object");
    return std::nullopt;
  }
  const auto found = value_->find(key);
  if (found == value_->end() || found->is_null()) return std::nullopt;
  return member(key, *found);
}

std::size_t JsonNode::items(std::size_t most) const {
  if (!value_->is_array()) {
    expected("an array");
    return 0;
  }
  if (value_->size() > most) {
    fail(fmt::format("{} entries, at most {} are read", format_count(value_->size()),
                     format_count(most)));
    return 0;
  }
  return value_->size();
}

JsonNode JsonNode::item(std::size_t index) const {
  return {(*value_)[index], fmt::format("{}[{}]", path_, index), *reading_};
}

std::string JsonNode::text() const {
  if (const auto* text = value_->get_ptr<const std::string*>()) return *text;
  expected("a text");
  return {};
}

bool JsonNode::flag() const {
  if (value_->is_boolean()) return value_->get<bool>();
  expected("true or false");
  return false;
}

double JsonNode::number() const {
  if (value_->is_number()) return value_->get<double>();
  expected("a number");
  return 0;
}

std::uint64_t JsonNode::whole(std::uint64_t most) const {
  if (!value_->is_number_unsigned()) {
    expected("a whole number, 0 or more,");
    return 0;
  }
  const auto value = value_->get<std::uint64_t>();
  if (value <= most) return value;
  fail(fmt::format("{} is too large, {} is the most", value, most));
  return 0;
}

std::uint32_t JsonNode::small() const {
  return static_cast<std::uint32_t>(whole(std::numeric_limits<std::uint32_t>::max()));
}

Duration JsonNode::duration() const {
  return Duration{static_cast<Duration::rep>(whole())};
}

std::int64_t JsonNode::utc_ms() const {
  const std::string written = text();
  const auto utc_ms = parse_utc(written);
  if (!utc_ms) fail("a UTC time as 2026-03-01T12:00:00.000Z expected");
  return utc_ms.value_or(0);
}

const nlohmann::json::object_t& JsonNode::members() const {
  if (const auto* object = value_->get_ptr<const nlohmann::json::object_t*>()) return *object;
  expected("an object");
  return kNoMembers;
}

void JsonNode::expected(std::string_view what) const {
  if (ok()) fail(fmt::format("{} expected, found {}", what, value_->type_name()));
}

}  // namespace natsproof
