#include "loadgen/report/report_page.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/units.h"
#include "loadgen/report/latency_table.h"
#include "loadgen/report/pooled_tasks.h"
#include "loadgen/report/text_layout.h"

namespace natsproof {

ReportPage::ReportPage(const RunRecord& run, const Judgement& judged, ConsoleStyle style)
    : record(run),
      conditions(run.conditions),
      judgement(judged),
      pooled(pooled_tasks(run)),
      quantiles(reported_quantiles(run)),
      design_effects(natsproof::design_effects(run, quantiles)),
      style_(style) {
  // Only "*" knows the stray replies.
  if (pooled.size() == 2) {
    pooled[0].name = pooled[1].name;
    pooled.pop_back();
    single_task = true;
  }
  for (const Repetition& repetition : record.repetitions) window += repetition.window;
}

double ReportPage::design_effect_of(Quantile q) const {
  const auto at = std::find(quantiles.begin(), quantiles.end(), q);
  return design_effects[static_cast<std::size_t>(at - quantiles.begin())];
}

const TaskRecord* ReportPage::task_of(const Claim& claim) const {
  if (single_task || claim.task == kAllTasks) return &all();
  for (const TaskRecord& task : pooled) {
    if (task.name == claim.task) return &task;
  }
  return nullptr;
}

std::vector<const TaskRecord*> ReportPage::own_tasks() const {
  std::vector<const TaskRecord*> tasks;
  for (const TaskRecord& task : pooled) {
    if (task.name != kAllTasks || pooled.size() == 1) tasks.push_back(&task);
  }
  return tasks;
}

std::string ReportPage::painted(Paint paint, std::string_view text) const {
  if (!style_.colour || paint == Paint::plain) return std::string(text);
  const char* code = "1";
  switch (paint) {
    case Paint::red:
      code = "1;31";
      break;
    case Paint::green:
      code = "1;32";
      break;
    case Paint::yellow:
      code = "1;33";
      break;
    case Paint::grey:
      code = "90";
      break;
    case Paint::plain:
    case Paint::bold:
      break;
  }
  return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

void ReportPage::add_line(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  text_ += line + "\n";
}

void ReportPage::add_wrapped(std::string_view first, std::string_view text) {
  text_ += wrapped(first, text);
}

void ReportPage::heading(Paint paint, std::string_view title, std::string_view text) {
  const std::string lines = wrapped(std::string(title) + "  ", text);
  text_ += "\n" + painted(paint, title) + lines.substr(title.size());
}

void ReportPage::alarm(std::string_view title, std::string_view text) {
  heading(Paint::red, title, text);
  if (text_.front() == '\n') text_.erase(0, 1);
}

void ReportPage::detail(std::string_view text) {
  add_wrapped(std::string(2 + kVerdictWidth, ' '), text);
}

Paint paint_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::proven:
      return Paint::green;
    case Verdict::refuted:
    case Verdict::invalid:
      return Paint::red;
    case Verdict::inconclusive:
      return Paint::yellow;
    case Verdict::none:
      break;
  }
  return Paint::bold;
}

std::string name_of(const TaskRecord& task) {
  return task.name == kAllTasks ? "all tasks" : printable(task.name);
}

double per_s(std::uint64_t count, Duration time) {
  const double seconds = to_seconds(time);
  return seconds > 0 ? static_cast<double>(count) / seconds : 0;
}

double share_of(std::uint64_t part, std::uint64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

}  // namespace natsproof
