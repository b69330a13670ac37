#include "loadgen/report/console_report.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/units.h"
#include "loadgen/report/latency_table.h"
#include "loadgen/report/pooled_tasks.h"
#include "loadgen/report/text_layout.h"

namespace natsproof {
namespace {

constexpr std::size_t kMostEvents = 10;
constexpr std::size_t kTasksAbreast = 4;
constexpr std::size_t kVerdictWidth = 14;  // INCONCLUSIVE and two blanks

enum class Paint { plain, bold, red, green, yellow, grey };

double per_s(std::uint64_t count, Duration time) {
  const double seconds = std::chrono::duration<double>(time).count();
  return seconds > 0 ? static_cast<double>(count) / seconds : 0;
}

double share_of(std::uint64_t part, std::uint64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

// `5 repetitions`, `1 worker`.
std::string counted(std::uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", format_count(count), noun, count == 1 ? "" : "s");
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

class Report {
 public:
  Report(const RunRecord& record, const Judgement& judgement, ConsoleStyle style)
      : record_(record),
        conditions_(record.conditions),
        judgement_(judgement),
        style_(style),
        pooled_(pooled_tasks(record)),
        quantiles_(reported_quantiles(record)),
        design_effects_(design_effects(record, quantiles_)) {
    // With one task, "*" says the same again; only "*" knows the stray replies.
    if (pooled_.size() == 2) {
      pooled_[0].name = pooled_[1].name;
      pooled_.pop_back();
      single_task_ = true;
    }
    for (const Repetition& repetition : record.repetitions) window_ += repetition.window;
  }

  std::string text() {
    scope();
    load();
    claims();
    latency();
    requests();
    rates();
    gates();
    events();
    verdict();
    return std::move(out_);
  }

 private:
  // What everything below is true of; and first of all, whether the run was whole.
  void scope();
  void load();
  void claims();
  void claim(const Claim& claim, const ClaimResult& result);
  [[nodiscard]] std::string measured_text(const Claim& claim, const ClaimResult& result) const;
  void latency();
  void latency_of(const TaskRecord& task);
  void latency_row(const std::string& label, const std::vector<LatencyFigure>& figures,
                   const std::string& needs_more);
  [[nodiscard]] std::string latency_cell(const LatencyFigure& figure) const;
  void requests();
  void request_table(std::size_t first, std::size_t last);
  void request_details();
  void rates();
  void gates();
  void events();
  [[nodiscard]] bool refuted_by_failures() const;
  [[nodiscard]] std::string failure_hint() const;
  [[nodiscard]] std::string next() const;
  void verdict();

  [[nodiscard]] const TaskRecord& all() const { return pooled_.front(); }
  [[nodiscard]] const TaskRecord* task_of(const Claim& claim) const;
  [[nodiscard]] std::string name_of(const TaskRecord& task) const {
    return task.name == kAllTasks ? "all tasks" : printable(task.name);
  }
  [[nodiscard]] std::string painted(Paint paint, std::string_view text) const;
  void section(std::string_view title, std::string_view rest);
  // Lines that belong to a claim or a gate.
  void detail(std::string_view text) { out_ += wrapped(std::string(2 + kVerdictWidth, ' '), text); }

  const RunRecord& record_;
  const Conditions& conditions_;
  const Judgement& judgement_;
  ConsoleStyle style_;
  std::vector<TaskRecord> pooled_;
  std::vector<Quantile> quantiles_;
  std::vector<double> design_effects_;  // of each
  bool single_task_ = false;
  Duration window_{};
  std::string out_;
};

std::string Report::painted(Paint paint, std::string_view text) const {
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

void Report::section(std::string_view title, std::string_view rest) {
  const std::string lines = wrapped(std::string(title) + "  ", rest);
  out_ += "\n" + painted(Paint::bold, title) + lines.substr(title.size());
}

const TaskRecord* Report::task_of(const Claim& claim) const {
  if (single_task_ || claim.task == kAllTasks) return &all();
  for (const TaskRecord& task : pooled_) {
    if (task.name == claim.task) return &task;
  }
  return nullptr;
}

void Report::scope() {
  out_ += wrapped("Scope: ", conditions_.scope);
  const auto alarm = [&](std::string_view title, std::string_view text) {
    const std::string lines = wrapped(std::string(title) + "  ", text);
    out_ += "\n" + painted(Paint::red, title) + lines.substr(title.size());
  };
  if (record_.interrupted) {
    const auto whole =
        std::count_if(record_.repetitions.begin(), record_.repetitions.end(),
                      [](const Repetition& r) { return !r.interrupted && r.failure.empty(); });
    alarm("INTERRUPTED",
          fmt::format("whole: {} of {}; what follows is what was measured until then", whole,
                      counted(conditions_.planned_repetitions, "repetition")));
  }
  if (!record_.failure.empty()) alarm("FAILED", record_.failure);
  for (std::size_t i = 0; i < record_.repetitions.size(); ++i) {
    const std::string& failure = record_.repetitions[i].failure;
    if (!failure.empty() && failure != record_.failure)
      alarm(fmt::format("FAILED in repetition {}", i + 1), failure);
  }
}

void Report::load() {
  section(printable(conditions_.plan_name), conditions_.about);
  std::string loop;
  if (conditions_.open_loop) {
    loop = fmt::format("open loop, {}", printable(conditions_.schedule));
  } else {
    loop = fmt::format("closed loop, {}: what a waiting user did not send is not seen",
                       counted(conditions_.users, "user"));
  }
  out_ += wrapped("  ", fmt::format("{}; client {}, {}, {}, pacing {}", loop, conditions_.client,
                                    counted(conditions_.connections, "connection"),
                                    counted(conditions_.workers, "worker"), conditions_.pacing));
  if (record_.repetitions.empty()) {
    out_ += "  no repetition was run\n";
    return;
  }
  const Repetition& first = record_.repetitions.front();
  std::string repetitions = counted(record_.repetitions.size(), "repetition");
  if (record_.repetitions.size() != conditions_.planned_repetitions) {
    repetitions = fmt::format("{} of {}", record_.repetitions.size(),
                              counted(conditions_.planned_repetitions, "planned repetition"));
  }
  std::string scaled;
  if (conditions_.time_scale != 1)
    scaled = fmt::format("; times of the plan scaled by {:.3g}", conditions_.time_scale);
  out_ +=
      wrapped("  ", fmt::format("{}, each {} after {} of warm-up; {} measured in all{}",
                                repetitions, format_duration(first.window),
                                format_duration(first.warmup), format_duration(window_), scaled));
}

std::string Report::measured_text(const Claim& claim, const ClaimResult& result) const {
  const TaskRecord* task = task_of(claim);
  if (result.beyond_timeout) {
    if (task == nullptr) return "measured > timeout";
    const double answered = share_of(task->measured.successes(), task->measured.planned);
    return fmt::format("measured > timeout: {} of the planned requests were answered",
                       format_share(answered));
  }
  if (!result.measured) {
    if (claim.statistic == Statistic::quantile && result.planned > 0) {
      return fmt::format("{} needs {} requests, this run has {}", format_quantile(claim.quantile),
                         format_count(needed_for(claim.quantile)), format_count(result.planned));
    }
    return "nothing was measured";
  }
  if (result.unit == "per_s") return "measured " + format_rate(Rate{*result.measured});
  if (result.unit != "ns") return "measured " + format_share(*result.measured);
  std::string text = "measured " + format_duration(Duration{std::llround(*result.measured)});
  if (claim.statistic == Statistic::quantile && task != nullptr) {
    const auto at = std::find(quantiles_.begin(), quantiles_.end(), claim.quantile);
    const LatencyFigure figure = quantile_figure(
        record_, *task,
        claim.metric == Metric::response ? LatencyTime::response : LatencyTime::service,
        claim.quantile, design_effects_[static_cast<std::size_t>(at - quantiles_.begin())]);
    if (const std::string interval = format_interval(figure.interval); !interval.empty())
      text += ", 95 % interval " + interval;
  }
  return text;
}

void Report::claim(const Claim& claim, const ClaimResult& result) {
  out_ += "  " +
          painted(paint_of(result.verdict), left(verdict_name(result.verdict), kVerdictWidth)) +
          printable(claim.text) + "\n";
  detail(measured_text(claim, result));
  if (!result.why.empty()) detail(result.why);
}

void Report::claims() {
  if (record_.claims.empty()) {
    section("CLAIMS", "none: nothing was to be proven");
    return;
  }
  section("CLAIMS", "");
  for (std::size_t i = 0; i < record_.claims.size() && i < judgement_.claims.size(); ++i)
    claim(record_.claims[i], judgement_.claims[i]);
}

std::string Report::latency_cell(const LatencyFigure& figure) const {
  constexpr std::size_t kValueWidth = 10, kRangeWidth = 16;
  std::string value, interval, repetitions;
  switch (figure.state) {
    case LatencyFigure::State::value:
      value = (figure.thin ? "~" : "") + format_duration(figure.value);
      interval = format_interval(figure.interval);
      if (figure.lowest && figure.highest)
        repetitions = format_range(*figure.lowest, *figure.highest);
      break;
    case LatencyFigure::State::beyond_timeout:
      value = "> timeout";
      break;
    case LatencyFigure::State::unknown:
      value = "not known";
      break;
    case LatencyFigure::State::needs_more:
      break;
  }
  return painted(
      figure.thin ? Paint::grey : Paint::plain,
      right(value, kValueWidth) + right(interval, kRangeWidth) + right(repetitions, kRangeWidth));
}

void Report::latency_row(const std::string& label, const std::vector<LatencyFigure>& figures,
                         const std::string& needs_more) {
  std::string line = left("    " + label, 11);
  if (figures.front().state == LatencyFigure::State::needs_more) {
    line += painted(Paint::grey, "    " + needs_more);
  } else {
    for (const LatencyFigure& figure : figures) line += latency_cell(figure);
  }
  line.erase(line.find_last_not_of(' ') + 1);
  out_ += line + "\n";
}

void Report::latency_of(const TaskRecord& task) {
  std::vector<LatencyTime> times;
  if (conditions_.open_loop) times.push_back(LatencyTime::response);
  times.push_back(LatencyTime::service);

  const RequestCounts& counts = task.measured;
  const std::string of =
      fmt::format("{}: {} of {} planned requests answered", name_of(task),
                  format_count(counts.successes()), format_count(counts.planned));
  const bool measured = counts.successes() > 0 && !task.service.empty() &&
                        (!conditions_.open_loop || !task.response.empty());
  if (!measured) {
    out_ += wrapped("  ", of + ", so there are no times to show");
    return;
  }
  out_ += wrapped("  ", of + (task.timeout > 0ns && task.name != kAllTasks
                                  ? ", timeout " + format_duration(task.timeout)
                                  : ""));
  const auto row = [&](const std::string& label, auto figure_of,
                       const std::string& needs_more = {}) {
    std::vector<LatencyFigure> figures;
    figures.reserve(times.size());
    for (const LatencyTime time : times) figures.push_back(figure_of(time));
    latency_row(label, figures, needs_more);
  };
  for (std::size_t i = 0; i < quantiles_.size(); ++i) {
    row(
        format_quantile(quantiles_[i]),
        [&](LatencyTime time) {
          return quantile_figure(record_, task, time, quantiles_[i], design_effects_[i]);
        },
        fmt::format("needs {} requests, this run has {}", format_count(needed_for(quantiles_[i])),
                    format_count(counts.planned)));
  }
  row("max", [&](LatencyTime time) { return max_figure(record_, task, time); });
  row("mean", [&](LatencyTime time) { return mean_figure(record_, task, time); });
}

void Report::latency() {
  if (all().measured.successes() == 0) {
    section("LATENCY", "no request succeeded, so there are no times to show");
    return;
  }
  section(
      "LATENCY",
      all().measured.successes() < all().measured.planned
          ? "quantiles are of all planned requests, a failed one being slower than any; max and "
            "mean are of the answered ones"
          : "");
  const std::string columns =
      right("value", 10) + right("95 % interval", 16) + right("repetitions", 16);
  const std::string blank(11, ' ');
  if (conditions_.open_loop) {
    out_ += blank + right("response time", 42) + right("service time", 42) + "\n";
    out_ += blank + columns + columns + "\n";
  } else {
    out_ += blank + right("service time", 42) + "\n" + blank + columns + "\n";
  }
  for (const TaskRecord& task : pooled_) latency_of(task);

  std::string legend =
      conditions_.open_loop
          ? "response time: from the intended send; service time: from the actual send"
          : "service time: from the actual send";
  legend +=
      "; repetitions: lowest to highest of them, where each has the figure; ~: fewer than 100 "
      "requests lie beyond it";
  out_ += wrapped("  ", legend);
}

void Report::request_table(std::size_t first, std::size_t last) {
  constexpr std::size_t kColumn = 15;
  const bool with_share = first == 0;
  std::vector<std::string> names;
  for (std::size_t i = first; i < last; ++i)
    names.push_back(shortened(name_of(pooled_[i]), kColumn - 1));
  const auto row = [&](std::string_view label, auto count_of, bool share) {
    std::string line = left(fmt::format("    {}", label), 20);
    for (std::size_t i = first; i < last; ++i) {
      const RequestCounts& counts = pooled_[i].measured;
      line += right(format_count(count_of(counts)), kColumn);
      if (i == 0 && with_share)
        line += right(share ? format_share(share_of(count_of(counts), counts.planned)) : "", 11);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out_ += line + "\n";
  };
  if (pooled_.size() > 1) {
    std::string line(20, ' ');
    for (std::size_t i = 0; i < names.size(); ++i) {
      line += right(names[i], kColumn);
      if (i == 0 && with_share) line += std::string(11, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out_ += line + "\n";
  }
  row(
      conditions_.open_loop ? "planned" : "issued",
      [](const RequestCounts& c) { return c.planned; }, false);
  for (std::size_t c = 0; c < kRequestClasses; ++c) {
    if (all().measured.classes[c] == 0 && c != static_cast<std::size_t>(RequestClass::ok)) continue;
    row(
        kRequestClassNames[c], [c](const RequestCounts& counts) { return counts.classes[c]; },
        true);
  }
  if (all().measured.late > 0)
    row(
        "late replies", [](const RequestCounts& c) { return c.late; }, false);
  if (all().measured.duplicate > 0)
    row(
        "duplicate replies", [](const RequestCounts& c) { return c.duplicate; }, false);
}

void Report::request_details() {
  for (const TaskRecord& task : pooled_) {
    if (task.name == kAllTasks && pooled_.size() > 1) continue;
    std::vector<std::string> parts;
    for (const auto& [code, count] : task.measured.error_codes)
      parts.push_back(fmt::format("code {}: {}", code, format_count(count)));
    for (std::size_t i = 0; i < kRefusedReasons; ++i) {
      if (task.measured.refused[i] > 0)
        parts.push_back(fmt::format("refused, {}: {}", kRefusedReasonNames[i],
                                    format_count(task.measured.refused[i])));
    }
    for (std::size_t c = 0; c < kRequestClasses; ++c) {
      const Histogram& after = task.failed_after[c];
      if (after.empty()) continue;
      parts.push_back(fmt::format("{} {} after the send", kRequestClassNames[c],
                                  format_range(after.min(), after.max())));
    }
    if (!parts.empty())
      out_ += wrapped(fmt::format("    {}: ", name_of(task)),
                      fmt::format("{}", fmt::join(parts, "; ")));
  }
  const std::uint64_t stray = all().stray;
  const RequestCounts& counts = all().measured;
  if (counts.late == 0 && counts.duplicate == 0 && stray == 0) {
    out_ += "    no late, duplicate or stray replies\n";
  } else if (stray > 0) {
    out_ += wrapped("    ", fmt::format("{} replies belonged to no request", format_count(stray)));
  }
  std::vector<std::string> unverified;
  for (const TaskRecord& task : pooled_) {
    if (!task.content_verified && (task.name != kAllTasks || pooled_.size() == 1))
      unverified.push_back(name_of(task));
  }
  if (!unverified.empty()) {
    out_ += wrapped(
        "    ",
        fmt::format("content not verified: a reply to {} counts as ok unless it is an error",
                    fmt::join(unverified, ", ")));
  }
}

void Report::requests() {
  section("REQUESTS", "");
  request_table(0, std::min(pooled_.size(), kTasksAbreast));
  for (std::size_t first = kTasksAbreast; first < pooled_.size(); first += kTasksAbreast) {
    out_ += "\n";
    request_table(first, std::min(pooled_.size(), first + kTasksAbreast));
  }
  request_details();
}

void Report::rates() {
  const RequestCounts& counts = all().measured;
  const auto rate = [&](std::uint64_t count) { return format_rate(Rate{per_s(count, window_)}); };
  if (conditions_.open_loop) {
    section("RATE",
            fmt::format("offered {}, handed over {}, answered within the window {} ({} of planned)",
                        rate(counts.planned), rate(counts.handed_over()), rate(counts.in_window),
                        format_share(share_of(counts.in_window, counts.planned))));
  } else {
    section("RATE", fmt::format("{} answered within the window", rate(counts.in_window)));
  }
  if (const Histogram& lag = all().send_lag; !lag.empty()) {
    const auto quantile = [&](double q) {
      return quantile_support(Quantile{q}, lag.count()) == QuantileSupport::none
                 ? fmt::format("{} needs {} requests", format_quantile(Quantile{q}),
                               format_count(needed_for(Quantile{q})))
                 : fmt::format("{} {}", format_quantile(Quantile{q}),
                               format_duration(lag.value_at(Quantile{q})));
    };
    out_ += wrapped("      ",
                    fmt::format("send lag {}, {}, max {}", quantile(0.5), quantile(0.99),
                                lag.out_of_range() > 0 ? "not known" : format_duration(lag.max())));
  }
}

void Report::gates() {
  std::size_t passed = 0;
  std::vector<const GateResult*> failed;
  std::vector<std::string> unchecked, changed;
  for (const GateResult& gate : judgement_.gates) {
    if (!gate.passed) {
      unchecked.push_back(gate.name + (gate.shown.empty() ? "" : " (" + gate.shown + ")"));
    } else if (*gate.passed) {
      ++passed;
    } else {
      failed.push_back(&gate);
    }
    if (gate.limit_changed) changed.push_back(fmt::format("{} {:.6g}", gate.name, gate.limit));
  }
  const std::size_t checked = passed + failed.size();
  if (judgement_.gates.empty()) {
    section("GATES", "none was checked");
  } else if (failed.empty()) {
    section("GATES",
            checked == 0 ? "none could be checked" : fmt::format("all {} passed", checked));
  } else {
    section("GATES", fmt::format("{} of {} failed", failed.size(), checked));
  }
  for (std::size_t i = 0; i < failed.size(); ++i) {
    const GateResult* gate = failed[i];
    const std::string shown =
        !gate->shown.empty()
            ? gate->shown
            : fmt::format("{:.4g}, limit {:.4g}", gate->figure.value_or(0), gate->limit);
    const std::string lines =
        wrapped("  " + left("FAILED", kVerdictWidth), gate->name + ": " + shown);
    out_ +=
        "  " + painted(Paint::red, "FAILED") + lines.substr(2 + std::string_view("FAILED").size());
    const char* faked = gate->is_void ? "no figure of this run can be trusted: the run is INVALID"
                        : gate->could == Could::flatter
                            ? "the system may look better than it is: no ground for PROVEN"
                        : gate->could == Could::slander
                            ? "the system may look worse than it is: no ground for REFUTED"
                            : "either verdict may be faked: no ground for any";
    detail(gate->claim.empty() ? std::string(faked)
                               : fmt::format("{} of `{}`", faked, gate->claim));
    const bool said_next = i + 1 < failed.size() && failed[i + 1]->advice == gate->advice;
    if (!gate->advice.empty() && !said_next) detail(gate->advice);
  }
  if (!unchecked.empty())
    out_ += wrapped("  not checked: ", fmt::format("{}", fmt::join(unchecked, ", ")));
  if (!changed.empty())
    out_ += wrapped("  limits changed by the plan: ", fmt::format("{}", fmt::join(changed, ", ")));
}

void Report::events() {
  std::vector<std::string> lines;
  std::uint64_t reconnects = 0;
  for (std::size_t i = 0; i < record_.repetitions.size(); ++i) {
    reconnects += record_.repetitions[i].reconnects;
    for (const std::string& event : record_.repetitions[i].events)
      lines.push_back(fmt::format("repetition {}, {}", i + 1, event));
  }
  if (lines.empty() && reconnects == 0) return;
  section("EVENTS", reconnects > 0 ? counted(reconnects, "reconnect") : "");
  for (std::size_t i = 0; i < std::min(lines.size(), kMostEvents); ++i)
    out_ += wrapped("  ", lines[i]);
  if (lines.size() > kMostEvents)
    out_ += fmt::format("  and {} more in run.json\n", lines.size() - kMostEvents);
}

// The most frequent failure, and what to look at because of it.
std::string Report::failure_hint() const {
  std::size_t most = static_cast<std::size_t>(RequestClass::wrong_reply);
  for (std::size_t c = most; c < kRequestClasses; ++c) {
    if (all().measured.classes[c] > all().measured.classes[most]) most = c;
  }
  switch (static_cast<RequestClass>(most)) {
    case RequestClass::wrong_reply:
      return "replies came, but not what the task expects: compare `expect` with what the service "
             "sends";
    case RequestClass::service_error:
      return "the service refuses requests: look up the codes under REQUESTS in its log";
    case RequestClass::no_responders:
      return "nobody listens on the subject: start the service, or correct the subject or the "
             "prefix";
    case RequestClass::timeout:
      return "requests stay unanswered: see whether the service is stuck or overloaded, or give it "
             "a longer timeout";
    case RequestClass::disconnected:
    case RequestClass::refused:
      return "connections were down or requests not taken: see REQUESTS and EVENTS for why";
    case RequestClass::ok:
    case RequestClass::rejected:
      break;
  }
  return {};
}

// Did failures, and not slowness, break a refuted claim?
bool Report::refuted_by_failures() const {
  for (std::size_t i = 0; i < record_.claims.size() && i < judgement_.claims.size(); ++i) {
    const TaskRecord* task = task_of(record_.claims[i]);
    if (judgement_.claims[i].verdict != Verdict::refuted || task == nullptr) continue;
    const std::uint64_t failed = task->measured.planned - task->measured.successes();
    if (failed > 0 && 2 * failed >= judgement_.claims[i].over) return true;
  }
  return false;
}

std::string Report::next() const {
  const bool nothing = all().measured.planned > 0 && all().measured.successes() == 0;
  switch (judgement_.verdict) {
    case Verdict::proven:
      return "quote it together with the scope above; another host, load or version needs a run of "
             "its own";
    case Verdict::refuted:
      if (refuted_by_failures()) return failure_hint();
      return "lower the rate, raise the limit or make the service faster; claims[].blocks in "
             "run.json "
             "show in which seconds it broke";
    case Verdict::inconclusive:
      return "do what the INCONCLUSIVE claims above ask for, and run it again";
    case Verdict::invalid:
      if (record_.interrupted) return "run it again and let it finish";
      if (!record_.failure.empty()) return "remedy what failed (see the top), and run it again";
      if (nothing) return failure_hint();
      return "follow the advice of the failed gates, and run it again; quote no figure of this run";
    case Verdict::none:
      break;
  }
  return "state a claim, for example `response p99 < 5ms`, to get a verdict";
}

void Report::verdict() {
  const std::string title = fmt::format("VERDICT  {}", verdict_name(judgement_.verdict));
  const std::string lines = wrapped(title + "  ", judgement_.why);
  out_ += "\n" + painted(paint_of(judgement_.verdict), title) + lines.substr(title.size());
  out_ += wrapped("Next: ", next());
}

}  // namespace

std::string render_console_report(const RunRecord& record, const Judgement& judgement,
                                  ConsoleStyle style) {
  return Report(record, judgement, style).text();
}

}  // namespace natsproof
