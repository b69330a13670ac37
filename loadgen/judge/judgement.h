// The judge: from a run's record to verdicts. Rules: docs/measurement.md, "The claim test", "Gates"
// and "Verdict of a run and exit status".
//
// Pure: no clock, no files, no NATS. The same record always gets the same judgement. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/measure/run_record.h"

namespace natsproof {

enum class Verdict { proven, refuted, inconclusive, invalid, none };
std::string_view verdict_name(Verdict verdict);  // PROVEN ... NONE
int exit_status(Verdict verdict);                // 0 1 3 4 0

// Which verdict a defect could have faked.
enum class Could { flatter, slander, both };
std::string_view could_name(Could could);

struct GateResult {
  std::string name;
  std::optional<double> figure;  // what was measured, in the unit its `shown` has
  double limit = 0;
  std::optional<bool> passed;  // nothing: could not be checked; blocks nothing, and is named
  Could could = Could::both;
  bool is_void = false;        // failing makes the whole run INVALID
  std::string claim;           // text of the claim it is about; empty: all
  std::string shown;           // `p99 lag 38 µs, 4 % of 1 ms; limit 10 %`
  std::string advice;          // what to do about it when it fails
  bool limit_changed = false;  // by the plan
};

struct ClaimResult {
  std::string text;
  Verdict verdict = Verdict::inconclusive;
  std::optional<double> measured;  // in `unit`; nothing where the sample does not support it
  std::string unit;                // "ns", "share", "per_s", "cores", "bytes_per_min"
  bool beyond_timeout = false;     // the quantile lies beyond the answered share: print "> timeout"
  std::uint64_t over = 0, planned = 0;
  double allowed_share = 0;
  double lower = 0,
         upper =
             1;  // one-sided 95 % Clopper-Pearson bounds of the share over, with the design effect
  double design_effect = 1;
  std::uint32_t under = 0, repetitions = 0;  // sign rule: repetitions on the claim's side
  Duration covers{};                         // D*; docs/measurement.md, "Coverage"
  std::string why;  // one or two sentences: what decided it, or what would settle it
  std::vector<std::string> blocked_by;  // gates
};

struct Judgement {
  Verdict verdict = Verdict::none;
  std::string why;
  std::vector<ClaimResult> claims;   // in the record's order
  std::vector<GateResult> gates;     // in the table's order
  std::vector<Verdict> repetitions;  // each by itself: which side its counts are on; INVALID where
                                     // a gate failed in it that could have faked that
};

Judgement judge(const RunRecord& record);

// Before a run: what a claim will be able to show.
struct ClaimForecast {
  std::string text;
  std::uint64_t planned = 0;  // requests of all repetitions
  Duration covers{};          // D* = T(1-q)/15, T the time that the load fills
  bool covers_enough = true;  // against the plan's `covers`
  std::optional<std::uint64_t>
      tolerated;     // most requests over that still support, with a design effect of 1
  std::string note;  // what is missing, in seconds or repetitions; empty: nothing
};
// `planned`: per claim, requests in all repetitions; nothing: as many as a closed loop makes.
// `window`: one repetition's. `loaded`: as much of it as the load fills; nothing: all.
ClaimForecast forecast(const Claim& claim, std::optional<std::uint64_t> planned, Duration window,
                       std::uint32_t repetitions, Duration covers,
                       std::optional<Duration> loaded = std::nullopt);

// Beside a printed quantile: its interval by order statistics with a design effect, at 95 %.
// Nothing where the sample does not reach.
struct QuantileInterval {
  std::optional<Duration> lower, upper;
};
QuantileInterval quantile_interval(const Histogram& histogram, Quantile q, double design_effect);

}  // namespace natsproof
