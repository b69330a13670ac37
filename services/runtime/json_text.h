// A JSON document as a service sends it. Inside this folder only. Any thread.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace natsproof {

// In one line. Bytes that are no UTF-8, in an error's text for instance, become U+FFFD.
inline std::string json_text(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace natsproof
