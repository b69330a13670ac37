#include "models/faults/work_spec.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace natsproof {
namespace {

constexpr std::string_view kWork = "work";
constexpr std::string_view kCliffracer = "delay=11ms delay_per_item=500us";

const std::vector<std::string>& knobs_of_work() {
  static const std::vector<std::string> known = {"delay=5ms", "delay_per_item=500us", "cpu=1ms",
                                                 "alloc=64KiB"};
  return known;
}
const std::vector<std::string>& known_profiles() {
  static const std::vector<std::string> known = {"cliffracer"};
  return known;
}

template <typename T>
Result<void> keep(const Knob& knob, const Result<T>& parsed, T& in) {
  if (!parsed) return knob_error(kWork, knob, parsed.error().message);
  in = *parsed;
  return {};
}

Result<void> parse_knob(const Knob& knob, WorkSpec& work) {
  if (knob.name == "delay") {
    auto portions = parse_portions<Duration>(kWork, knob, parse_knob_time);
    if (!portions) return portions.error();
    work.delay = std::move(*portions);
    return {};
  }
  if (knob.name == "delay_per_item") {
    return keep(knob, parse_knob_time(knob.value), work.delay_per_item);
  }
  if (knob.name == "cpu") return keep(knob, parse_knob_time(knob.value), work.cpu);
  return keep(knob, parse_knob_size(knob.value), work.alloc_bytes);
}

}  // namespace

Result<WorkSpec> parse_work(std::string_view text) {
  const auto words = split_knobs(text, kWork, knobs_of_work(), known_profiles());
  if (!words) return words.error();
  // Each name by what it stands for, so that a knob beside it that it has too is given twice.
  std::string resolved;
  for (const Knob& word : *words) {
    resolved += word.value.empty() ? kCliffracer : word.word;
    resolved += ' ';
  }
  const auto knobs = split_knobs(resolved, kWork, knobs_of_work());
  if (!knobs) return knobs.error();
  WorkSpec work;
  for (const Knob& knob : *knobs) {
    if (auto parsed = parse_knob(knob, work); !parsed) return parsed.error();
  }
  return work;
}

std::string work_text(const WorkSpec& work) {
  std::vector<std::string> knobs;
  if (!work.delay.empty()) {
    std::vector<std::string> entries;
    for (const auto& portion : work.delay) entries.push_back(portion_text(portion));
    knobs.push_back(fmt::format("delay={}", fmt::join(entries, ",")));
  }
  if (work.delay_per_item != Duration::zero()) {
    knobs.push_back("delay_per_item=" + knob_time_text(work.delay_per_item));
  }
  if (work.cpu != Duration::zero()) knobs.push_back("cpu=" + knob_time_text(work.cpu));
  if (work.alloc_bytes != 0) knobs.push_back("alloc=" + knob_size_text(work.alloc_bytes));
  return fmt::format("{}", fmt::join(knobs, " "));
}

}  // namespace natsproof
