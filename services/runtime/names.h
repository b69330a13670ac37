// What ADR-32 lets a service be called.
#pragma once

#include <string>
#include <string_view>

namespace natsproof {

bool is_service_name(std::string_view text);  // [a-zA-Z0-9_-]+
bool is_semver(std::string_view text);        // semver.org 2.0.0, strictly
std::string make_service_id();                // 22 letters and digits, fresh

}  // namespace natsproof
