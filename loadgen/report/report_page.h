// What a console report is made of and written on: a run, what was worked out of it once for all
// sections, and the text so far. Inside this folder only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/judge/judgement.h"
#include "loadgen/measure/run_record.h"
#include "loadgen/report/console_report.h"

namespace natsproof {

enum class Paint { plain, bold, red, green, yellow, grey };

class ReportPage {
 public:
  // All are borrowed.
  ReportPage(const RunRecord& record, const Judgement& judgement, ConsoleStyle style);

  const RunRecord& record;
  const Conditions& conditions;
  const Judgement& judgement;
  // Over all repetitions. Where the plan has one task, that alone: "*" would say the same again.
  std::vector<TaskRecord> pooled;
  bool single_task = false;
  std::vector<Quantile> quantiles;
  std::vector<double> design_effects;  // of each
  Duration window{};                   // the measured time of all repetitions

  [[nodiscard]] const TaskRecord& all() const { return pooled.front(); }
  // REQUIRES: q is one of `quantiles`, as p50, p90, p99 and p99.9 always are.
  [[nodiscard]] double design_effect_of(Quantile q) const;
  // nullptr: no such task.
  [[nodiscard]] const TaskRecord* task_of(const Claim& claim) const;
  // The tasks by themselves: without "*", if there are several.
  [[nodiscard]] std::vector<const TaskRecord*> own_tasks() const;
  [[nodiscard]] std::string painted(Paint paint, std::string_view text) const;

  // As it is: whole lines.
  void add(std::string_view lines) { text_ += lines; }
  // One line, without the blanks at its end.
  void add_line(std::string line);
  // `text` in lines of the page's width, after `first`.
  void add_wrapped(std::string_view first, std::string_view text);
  // The same after a blank line, and `title` in a colour.
  void heading(Paint paint, std::string_view title, std::string_view text);
  void section(std::string_view title, std::string_view text) { heading(Paint::bold, title, text); }
  // The same in red and without the blank line at the very top of the page.
  void alarm(std::string_view title, std::string_view text);
  // Lines that belong to a claim or a gate.
  void detail(std::string_view text);

  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  ConsoleStyle style_;
  std::string text_;
};

inline constexpr std::size_t kVerdictWidth = 14;  // INCONCLUSIVE and two blanks

Paint paint_of(Verdict verdict);
std::string name_of(const TaskRecord& task);
// `5 repetitions`, `1 worker`.
double per_s(std::uint64_t count, Duration time);
double share_of(std::uint64_t part, std::uint64_t whole);  // 0 of nothing

}  // namespace natsproof
