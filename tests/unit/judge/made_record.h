// Records of made-up runs, even in all their sums, for the judge to judge and for tests to break.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/judge/judgement.h"

namespace natsproof {

// So many requests in every second of a repetition, all alike.
struct Answers {
  std::uint64_t per_s = 0;
  RequestClass request_class = RequestClass::ok;
  Duration response = 200us;
  Duration service = 200us;
  bool in_window = true;
};

struct Made {
  std::vector<std::string> claims;
  std::uint32_t repetitions = 5;
  std::uint32_t seconds = 5;
  bool open_loop = true;
};

// Every repetition alike; all gates pass, all can be checked.
RunRecord made_record(const Made& made, const std::vector<Answers>& answers);
// One more repetition.
void add_repetition(RunRecord& record, std::uint32_t seconds, const std::vector<Answers>& answers);

// REQUIRES: there is one.
const GateResult& gate_named(const Judgement& judgement, std::string_view name);

}  // namespace natsproof
