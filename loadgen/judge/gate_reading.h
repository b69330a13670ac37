// What a gate found; the table of gates.cc says the rest (docs/measurement.md, "Gates").
#pragma once

#include <optional>
#include <string>

#include "loadgen/judge/judgement.h"

namespace natsproof {

struct GateReading {
  std::optional<double> figure;
  std::optional<bool> passed;
  std::string shown;
  std::optional<Could> could;   // where it depends on what was found, or on the claim
  std::optional<double> limit;  // where it depends on the claim
};

}  // namespace natsproof
