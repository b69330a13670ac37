#include "loadgen/report/json_text.h"

#include <algorithm>
#include <string_view>

namespace natsproof {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kNoIndent = -1;

// How many containers deep a value goes, up to `most`: 0 of a number, 1 of [1, 2].
int height(const Json& value, int most) {
  if (!value.is_structured()) return 0;
  int highest = 0;
  for (const Json& part : value) {
    if (highest + 1 >= most) break;
    highest = std::max(highest, height(part, most - 1));
  }
  return highest + 1;
}

bool is_one_line(const Json& value, bool in_array) {
  const int levels = height(value, 3);
  if (levels <= 1) return true;
  if (levels > 2) return false;
  if (value.is_object()) return in_array;
  return std::all_of(value.begin(), value.end(), [](const Json& row) { return !row.is_object(); });
}

void append(const Json& value, bool in_array, std::size_t depth, std::string& text) {
  if (is_one_line(value, in_array)) {
    text += value.dump(kNoIndent, ' ', false, Json::error_handler_t::replace);
    return;
  }
  text += value.is_array() ? '[' : '{';
  std::string_view before = "\n";
  for (auto member = value.begin(); member != value.end(); ++member) {
    text += before;
    before = ",\n";
    text.append(depth + 1, ' ');
    if (value.is_object()) {
      text += Json(member.key()).dump(kNoIndent, ' ', false, Json::error_handler_t::replace);
      text += ": ";
    }
    append(*member, value.is_array(), depth + 1, text);
  }
  text += '\n';
  text.append(depth, ' ');
  text += value.is_array() ? ']' : '}';
}

}  // namespace

std::string json_text(const nlohmann::ordered_json& document) {
  std::string text;
  append(document, false, 0, text);
  text += '\n';
  return text;
}

}  // namespace natsproof
