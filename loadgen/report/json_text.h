// The text of a saved document: JSON laid out for people who look into it, without a line for every
// number of a run that has a million of them.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace natsproof {

// On one line each: members that hold no containers, rows of numbers, and the entries of lists such
// as `intervals`. Everything else has a line per member, indented by its depth. Text that is not
// UTF-8 is written with replacement characters. Ends in a line break.
std::string json_text(const nlohmann::ordered_json& document);

}  // namespace natsproof
