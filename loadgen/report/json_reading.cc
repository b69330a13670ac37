#include "loadgen/report/json_reading.h"

#include <unordered_set>
#include <vector>

#include <fmt/format.h>

#include "base/units.h"
#include "loadgen/report/utc_time.h"

namespace natsproof {
namespace {

const nlohmann::json kNothing;
const nlohmann::json::object_t kNoMembers;

// Stops at the first key that its object has already.
class KeyCheck : public nlohmann::json_sax<nlohmann::json> {
 public:
  std::optional<std::string> repeated;

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override { return true; }
  bool start_object(std::size_t) override {
    open_.emplace_back();
    return true;
  }
  bool end_object() override {
    open_.pop_back();
    return true;
  }
  bool key(string_t& name) override {
    if (open_.back().insert(name).second) return true;
    repeated = name;
    return false;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }

 private:
  std::vector<std::unordered_set<std::string>> open_;  // the keys so far of each object around
};

}  // namespace

std::optional<std::string> repeated_key(std::string_view text) {
  KeyCheck check;
  nlohmann::json::sax_parse(text, &check);
  return check.repeated;
}

Error repeated_key_error(const std::string& key) {
  return Error{fmt::format(
      "the key {} stands twice in one object: the file was edited; take it as the run wrote it",
      nlohmann::json(key).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace))};
}

Error zero_byte_error(std::size_t at) {
  return Error{fmt::format(
      "there is a zero byte at byte {}: the file is damaged or was edited; take it as the run "
      "wrote it",
      at + 1)};
}

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
