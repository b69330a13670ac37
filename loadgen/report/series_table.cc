#include "loadgen/report/series_table.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <tuple>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/units.h"
#include "loadgen/report/pooled_tasks.h"
#include "loadgen/report/text_layout.h"

namespace natsproof {
namespace {

constexpr std::size_t kNarrowest = 8;  // what a column of words is shortened to, at most
constexpr std::size_t kLongestName = 80;
constexpr std::size_t kLongestClaim = 60;
constexpr std::size_t kVerdictWidth = 14;

double per_s(std::uint64_t count, Duration time) {
  const double seconds = to_seconds(time);
  return seconds > 0 ? static_cast<double>(count) / seconds : 0;
}

std::string measured_text(const ClaimResult& result) {
  if (result.beyond_timeout) return "> timeout";
  if (!result.measured) return "-";
  if (result.unit == "per_s") return format_rate(Rate{*result.measured});
  if (result.unit == "cores") return format_cores(*result.measured);
  if (result.unit == "bytes_per_min") return format_growth(*result.measured);
  if (result.unit == "ns") return format_duration(Duration{std::llround(*result.measured)});
  return format_share(*result.measured);
}

ThroughputFigure throughput_of(const RunRecord& record) {
  std::uint64_t answered = 0;
  Duration window{};
  ThroughputFigure figure;
  for (const Repetition& repetition : record.repetitions) {
    const std::uint64_t own =
        repetition.tasks.empty() ? 0 : repetition.tasks.front().measured.in_window;
    const double rate = per_s(own, repetition.window);
    const bool first = &repetition == &record.repetitions.front();
    figure.lowest = first ? rate : std::min(figure.lowest, rate);
    figure.highest = first ? rate : std::max(figure.highest, rate);
    answered += own;
    window += repetition.window;
  }
  figure.per_s = per_s(answered, window);
  return figure;
}

// Ranges of both sides' repetitions that do not touch, of enough repetitions to say so.
template <typename Value>
bool ranges_apart(const SeriesRow& a, Value a_lowest, Value a_highest, const SeriesRow& b,
                  Value b_lowest, Value b_highest) {
  return std::min(a.repetitions, b.repetitions) >= kFewestApart &&
         (a_lowest > b_highest || a_highest < b_lowest);
}

std::optional<Change> change_of(const SeriesRow& row, const LatencyFigure& figure,
                                const SeriesRow& base, const LatencyFigure& base_figure) {
  const auto is_there = [](const LatencyFigure& f) {
    return f.state == LatencyFigure::State::value && f.value > Duration::zero();
  };
  if (row.open_loop != base.open_loop || !is_there(figure) || !is_there(base_figure))
    return std::nullopt;
  const bool ranges = figure.lowest && figure.highest && base_figure.lowest && base_figure.highest;
  return Change{.ratio = static_cast<double>(figure.value.count()) /
                         static_cast<double>(base_figure.value.count()),
                .apart = ranges && ranges_apart(row, *figure.lowest, *figure.highest, base,
                                                *base_figure.lowest, *base_figure.highest)};
}

std::string label_of(const SeriesTable& table, const std::string& key) {
  const auto at = std::find(table.keys.begin(), table.keys.end(), key);
  if (at == table.keys.end()) return key;
  return table.labels[static_cast<std::size_t>(at - table.keys.begin())];
}

const char* paint_code(Verdict verdict) {
  switch (verdict) {
    case Verdict::proven:
      return "1;32";
    case Verdict::refuted:
    case Verdict::invalid:
      return "1;31";
    case Verdict::inconclusive:
      return "1;33";
    case Verdict::none:
      break;
  }
  return "1";
}

constexpr const char* kGrey = "90";

struct Cell {
  std::string text;
  const char* paint = nullptr;
};

struct Column {
  std::string title;
  bool is_words = false;  // to the left, and shortened where the table is too wide
  bool to_the_right = !is_words;
  std::size_t gap = 2;  // before it
  std::vector<Cell> cells{};
  std::size_t width = 0;
};

class TableText {
 public:
  TableText(const SeriesTable& table, ConsoleStyle style) : table_(table), style_(style) {}

  std::string text() {
    heading();
    rows();
    legend();
    claims();
    notes();
    verdicts();
    return std::move(out_);
  }

 private:
  void heading();
  void conditions();
  void rows();
  void word_columns();
  void figure_columns();
  void fit();
  void legend();
  void claims();
  void notes();
  void verdicts();

  [[nodiscard]] std::string painted(const char* code, std::string_view text) const {
    if (!style_.colour || code == nullptr) return std::string(text);
    return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
  }
  [[nodiscard]] bool is_sweep() const { return table_.kind == SeriesKind::sweep; }
  [[nodiscard]] std::string name_of(const SeriesRow& row) const {
    return shortened(printable(row_name(table_, row)), kLongestName);
  }
  [[nodiscard]] static bool has_run(const SeriesRow& row) { return row.not_run.empty(); }
  [[nodiscard]] std::size_t runs() const {
    return static_cast<std::size_t>(std::count_if(table_.rows.begin(), table_.rows.end(), has_run));
  }
  // Whether all rows with a run agree on what `of` says of them.
  template <typename Of>
  [[nodiscard]] bool all_alike(Of of) const {
    const SeriesRow* first = nullptr;
    for (const SeriesRow& row : table_.rows) {
      if (!has_run(row)) continue;
      if (first != nullptr && of(*first) != of(row)) return false;
      first = &row;
    }
    return true;
  }
  [[nodiscard]] const SeriesRow* first_run() const {
    const auto row = std::find_if(table_.rows.begin(), table_.rows.end(), has_run);
    return row == table_.rows.end() ? nullptr : &*row;
  }
  [[nodiscard]] std::string compared_with() const;
  // Of a pack: whether the row is the first point of a plan that is a sweep itself.
  [[nodiscard]] bool begins_sweep_of_pack(std::size_t index) const {
    const SeriesRow& row = table_.rows[index];
    return !row.plan.empty() && !row.set.empty() &&
           (index == 0 || table_.rows[index - 1].plan != row.plan);
  }
  [[nodiscard]] static std::string values_of(const SeriesRow& row) {
    std::string values;
    for (const auto& [key, value] : row.set) values += (values.empty() ? "" : ", ") + value;
    return values;
  }
  [[nodiscard]] std::string labels_of(const SeriesRow& row) const {
    std::string labels;
    for (const auto& [key, value] : row.set)
      labels += (labels.empty() ? "" : ", ") + label_of(table_, key);
    return labels;
  }

  const SeriesTable& table_;
  ConsoleStyle style_;
  std::vector<Column> columns_;
  std::string out_;
};

void TableText::heading() {
  if (!table_.scope.empty()) out_ += wrapped("Scope: ", table_.scope) + "\n";
  const std::string title = printable(table_.name);
  const std::string lines = wrapped(title + "  ", table_.about);
  out_ += painted("1", title) + lines.substr(title.size());
  conditions();
  if (table_.seal == Seal::broken) {
    const std::string_view alarm = "EDITED";
    const std::string told =
        wrapped(std::string(alarm) + "  ",
                "series.json was changed after the series: its seal does not match what it says. "
                "The figures are those of the runs in the folders it names, but rows may be "
                "missing, or told against others");
    out_ += painted("1;31", alarm) + told.substr(alarm.size());
  }
  if (table_.interrupted) {
    const std::string_view alarm = "INTERRUPTED";
    const std::string told =
        wrapped(std::string(alarm) + "  ",
                fmt::format("run, wholly or in part: {} of {} {}; what follows is what was "
                            "measured until then",
                            runs(), table_.rows.size(), is_sweep() ? "points" : "runs"));
    out_ += painted("1;31", alarm) + told.substr(alarm.size());
  }
  out_ += "\n";
}

void TableText::conditions() {
  const SeriesRow* first = first_run();
  std::string text = fmt::format("{} {}{}", table_.rows.size(), is_sweep() ? "point" : "run",
                                 table_.rows.size() == 1 ? "" : "s");
  if (first != nullptr &&
      all_alike([](const SeriesRow& row) { return std::tuple(row.window, row.warmup); })) {
    text += fmt::format("; each repetition {} after {} of warm-up", format_duration(first->window),
                        format_duration(first->warmup));
  }
  if (is_sweep()) {
    text += fmt::format(
        "; {} round{} of one repetition of each point, forward and backward in "
        "turn, {}",
        table_.rounds, table_.rounds == 1 ? "" : "s",
        table_.fresh_stages ? "each on a stage of its own" : "all on one stage");
  }
  if (first != nullptr && first->time_scale != 1)
    text += fmt::format("; times of the plan scaled by {:.3g}", first->time_scale);
  out_ += wrapped("  ", text);
  if (first == nullptr) return;
  if (!all_alike([](const SeriesRow& row) { return row.open_loop; })) {
    out_ += wrapped("  ",
                    "p50 and p99: response times where the load is a rate; service times where it "
                    "is users (closed loop), and what a waiting user did not send is not seen");
  } else if (first->open_loop) {
    out_ += wrapped("  ", "open loop; p50 and p99: response times, from the intended send");
  } else {
    out_ += wrapped("  ",
                    "closed loop: what a waiting user did not send is not seen; p50 and p99: "
                    "service times, from the actual send");
  }
}

void TableText::word_columns() {
  if (is_sweep()) {
    for (std::size_t k = 0; k < table_.labels.size(); ++k) {
      Column column{.title = table_.labels[k], .is_words = true};
      for (const SeriesRow& row : table_.rows)
        column.cells.push_back({printable(k < row.set.size() ? row.set[k].second : "")});
      column.to_the_right =
          std::all_of(column.cells.begin(), column.cells.end(), [](const Cell& cell) {
            return !cell.text.empty() && cell.text.front() >= '0' && cell.text.front() <= '9';
          });
      columns_.push_back(std::move(column));
    }
    return;
  }
  Column plan{.title = "plan", .is_words = true}, load{.title = "load", .is_words = true};
  for (const SeriesRow& row : table_.rows) {
    plan.cells.push_back({row.set.empty() ? name_of(row) : "  " + printable(values_of(row))});
    load.cells.push_back({printable(row.load)});
  }
  columns_.push_back(std::move(plan));
  columns_.push_back(std::move(load));
}

Cell latency_cell(const LatencyFigure& figure) {
  switch (figure.state) {
    case LatencyFigure::State::value:
      return {format_duration(figure.value), figure.thin ? kGrey : nullptr};
    case LatencyFigure::State::beyond_timeout:
      return {"> timeout"};
    case LatencyFigure::State::unknown:
      return {"not known"};
    case LatencyFigure::State::needs_more:
      break;
  }
  return {"-"};
}

// How far the farther end of the 95 % interval is from the figure, as a share of it, rounded up.
// The interval itself would make the table twice as wide; it stands in series.json and in the row's
// own report.
Cell interval_cell(const LatencyFigure& figure) {
  if (figure.state != LatencyFigure::State::value || figure.value <= 0ns) return {};
  const auto& [lower, upper] = figure.interval;
  if (!lower || !upper) return {"±?", kGrey};
  const Duration farther = std::max(figure.value - *lower, *upper - figure.value);
  const double share =
      static_cast<double>(farther.count()) / static_cast<double>(figure.value.count());
  return {fmt::format("±{:.0f}%", std::max(1.0, std::ceil(100 * share))), kGrey};
}

std::string ratio_text(double ratio) {
  if (ratio >= 100) return fmt::format("x{:.0f}", ratio);
  if (ratio >= 10) return fmt::format("x{:.1f}", ratio);
  if (ratio >= 0.1) return fmt::format("x{:.2f}", ratio);
  return fmt::format("x{:.2g}", ratio);
}

Cell change_cell(const std::optional<Change>& change) {
  if (!change) return {};
  if (change->apart) return {ratio_text(change->ratio)};
  return {"~" + ratio_text(change->ratio), kGrey};
}

void TableText::figure_columns() {
  Column throughput{.title = "success/s"}, p50{.title = "p50"}, p99{.title = "p99"};
  Column throughput_change{.title = "change", .gap = 1}, p50_change = throughput_change,
                                                         p99_change = throughput_change;
  Column p50_interval{.title = "±", .gap = 1}, p99_interval = p50_interval;
  Column errors{.title = "errors"}, verdict{.title = "verdict", .is_words = true};
  for (const SeriesRow& row : table_.rows) {
    Changes changes;
    if (has_run(row)) {
      const std::string rate = format_rate(Rate{row.throughput.per_s});
      throughput.cells.push_back({rate.substr(0, rate.size() - std::string_view("/s").size())});
      p50.cells.push_back(latency_cell(row.p50));
      p99.cells.push_back(latency_cell(row.p99));
      p50_interval.cells.push_back(interval_cell(row.p50));
      p99_interval.cells.push_back(interval_cell(row.p99));
      errors.cells.push_back({format_share(row.errors)});
      verdict.cells.push_back({std::string(verdict_name(row.verdict)), paint_code(row.verdict)});
      changes = changes_of(table_, row);
    } else {
      for (Column* column : {&throughput, &p50, &p99, &errors, &p50_interval, &p99_interval})
        column->cells.emplace_back();
      verdict.cells.push_back({"not run", paint_code(Verdict::invalid)});
    }
    throughput_change.cells.push_back(change_cell(changes.throughput));
    p50_change.cells.push_back(change_cell(changes.p50));
    p99_change.cells.push_back(change_cell(changes.p99));
  }
  const bool has_changes = is_sweep() && table_.rows.size() > 1;
  Column* const none = nullptr;
  for (auto& [figure, interval, change] : {std::tuple{&throughput, none, &throughput_change},
                                           std::tuple{&p50, &p50_interval, &p50_change},
                                           std::tuple{&p99, &p99_interval, &p99_change}}) {
    if (interval != nullptr && has_changes) figure->gap = 1;
    columns_.push_back(std::move(*figure));
    if (interval != nullptr) columns_.push_back(std::move(*interval));
    if (has_changes) columns_.push_back(std::move(*change));
  }
  columns_.push_back(std::move(errors));
  columns_.push_back(std::move(verdict));
}

// Widths, within the report's columns as far as words can be shortened.
void TableText::fit() {
  std::size_t all = 0;
  for (Column& column : columns_) {
    column.width = display_width(column.title);
    for (const Cell& cell : column.cells)
      column.width = std::max(column.width, display_width(cell.text));
    all += column.gap + column.width;
  }
  while (all > kReportColumns) {
    Column* widest = nullptr;
    for (Column& column : columns_) {
      const bool can = column.is_words && &column != &columns_.back() && column.width > kNarrowest;
      if (can && (widest == nullptr || column.width > widest->width)) widest = &column;
    }
    if (widest == nullptr) return;
    --widest->width;
    --all;
  }
}

void TableText::rows() {
  word_columns();
  figure_columns();
  fit();
  const auto line = [&](auto cell_of) {
    std::string text;
    std::size_t plain_end = 0;  // behind the last character that is no blank
    for (const Column& column : columns_) {
      const Cell cell = cell_of(column);
      const std::string cut = shortened(cell.text, column.width);
      const std::string blanks(column.width - display_width(cut), ' ');
      text.append(column.gap, ' ');
      if (column.to_the_right) text += blanks;
      text += painted(cell.paint, cut);
      if (!cut.empty()) plain_end = text.size();
      if (!column.to_the_right) text += blanks;
    }
    out_ += text.substr(0, plain_end) + "\n";
  };
  line([](const Column& column) { return Cell{column.title}; });
  for (std::size_t i = 0; i < table_.rows.size(); ++i) {
    if (begins_sweep_of_pack(i)) {
      const std::string keys = printable(labels_of(table_.rows[i]));
      out_ += wrapped("  ", fmt::format("{}: {}", printable(table_.rows[i].plan), keys));
    }
    line([&](const Column& column) { return column.cells[i]; });
  }
  out_ += "\n";
}

// Which row the changes are told against: one, or the one with the same value of some keys.
std::string TableText::compared_with() const {
  const auto against = [&](const SeriesRow& row) { return &table_.rows[*row.against]; };
  std::vector<const SeriesRow*> told;
  for (const SeriesRow& row : table_.rows) {
    if (row.against) told.push_back(&row);
  }
  if (told.empty()) return {};
  std::vector<std::string> fixed, same;
  for (std::size_t k = 0; k < table_.labels.size(); ++k) {
    const auto value = [&](const SeriesRow* row) {
      return k < row->set.size() ? printable(row->set[k].second) : std::string();
    };
    const bool is_fixed = std::all_of(told.begin(), told.end(), [&](const SeriesRow* row) {
      return value(against(*row)) == value(against(*told.front()));
    });
    if (is_fixed) {
      fixed.push_back(table_.labels[k] + "=" +
                      shortened(value(against(*told.front())), kLongestName));
    } else {
      same.push_back(table_.labels[k]);
    }
  }
  std::string text = fmt::format("{}", fmt::join(fixed, ", "));
  if (!same.empty())
    text += fmt::format("{}the same {}", text.empty() ? "" : " and ", fmt::join(same, ", "));
  return text;
}

void TableText::legend() {
  std::vector<std::string> parts;
  if (const std::string compared = compared_with(); is_sweep() && !compared.empty()) {
    bool noise = false, few = false;
    for (const SeriesRow& row : table_.rows) {
      if (!has_run(row)) continue;
      few = few || row.repetitions < kFewestApart;
      const Changes changes = changes_of(table_, row);
      for (const auto& change : {changes.throughput, changes.p50, changes.p99})
        noise = noise || (change && !change->apart);
    }
    parts.push_back(fmt::format("change: against {}", compared));
    if (noise && few) {
      parts.push_back(
          fmt::format("~: it may be noise, for fewer than {} repetitions tell nothing "
                      "apart, or their ranges overlap or are not known",
                      kFewestApart));
    } else if (noise) {
      parts.emplace_back(
          "~: it may be noise, for the repetitions' ranges overlap or are not known");
    }
  }
  const bool missing = std::any_of(table_.rows.begin(), table_.rows.end(), [](const auto& row) {
    return has_run(row) && (row.p50.state == LatencyFigure::State::needs_more ||
                            row.p99.state == LatencyFigure::State::needs_more);
  });
  const auto has_value = [](const LatencyFigure& figure) {
    return figure.state == LatencyFigure::State::value;
  };
  if (std::any_of(table_.rows.begin(), table_.rows.end(), [&](const auto& row) {
        return has_run(row) && (has_value(row.p50) || has_value(row.p99));
      })) {
    parts.emplace_back(
        "±: to the farther end of the 95 % interval, which series.json and each report have");
  }
  if (missing) parts.emplace_back("-: too few requests for this quantile");
  if (!parts.empty()) out_ += wrapped("  ", fmt::format("{}", fmt::join(parts, "; "))) + "\n";
}

void TableText::claims() {
  if (is_sweep()) return;
  std::size_t width = 0;
  bool any = false;
  for (const SeriesRow& row : table_.rows) {
    for (const SeriesClaim& claim : row.claims) {
      width = std::max(width, std::min(kLongestClaim, display_width(printable(claim.text))));
      any = true;
    }
  }
  if (!any) return;
  out_ += painted("1", "CLAIMS") + "\n";
  for (std::size_t i = 0; i < table_.rows.size(); ++i) {
    const SeriesRow& row = table_.rows[i];
    if (!has_run(row)) continue;
    if (row.claims.empty()) {  // said once of a plan's points
      if (i == 0 || table_.rows[i - 1].plan != row.plan || !table_.rows[i - 1].claims.empty())
        out_ += fmt::format("  {}: none\n", printable(row.plan));
      continue;
    }
    out_ += fmt::format("  {}{}\n", name_of(row), row.load.empty() ? "" : ", " + row.load);
    for (const SeriesClaim& claim : row.claims) {
      out_ += "    " +
              painted(paint_code(claim.verdict), left(verdict_name(claim.verdict), kVerdictWidth)) +
              left(shortened(printable(claim.text), width), width) + "  " + claim.measured + "\n";
    }
  }
  out_ += "\n";
}

// Why a verdict is no better, and why a run is missing; said once of all rows it is true of.
void TableText::notes() {
  std::vector<std::pair<std::string, std::vector<std::string>>> told;
  for (const SeriesRow& row : table_.rows) {
    std::string what;
    if (!has_run(row)) {
      what = "not run: " + row.not_run;
    } else if (row.verdict != Verdict::proven && row.verdict != Verdict::none) {
      what = fmt::format("{}. {}", verdict_name(row.verdict), row.why);
    } else {
      continue;
    }
    const auto same =
        std::find_if(told.begin(), told.end(), [&](const auto& t) { return t.first == what; });
    if (same == told.end()) {
      told.push_back({what, {name_of(row)}});
    } else {
      same->second.push_back(name_of(row));
    }
  }
  for (const auto& [what, names] : told) {
    if (names.size() > 1 && names.size() == table_.rows.size()) {
      out_ += wrapped("  all: ", what);
    } else if (const std::string all = fmt::format("  {}: ", fmt::join(names, "; "));
               display_width(all) <= kReportColumns / 2) {
      out_ += wrapped(all, what);
    } else {
      out_ += wrapped("  ", fmt::format("{}: {}", fmt::join(names, "; "), what));
    }
  }
  if (!told.empty()) out_ += "\n";
}

void TableText::verdicts() {
  Verdict worst = Verdict::none;
  for (const SeriesRow& row : table_.rows) {
    const Verdict verdict = has_run(row) ? row.verdict : Verdict::invalid;
    if (worst == Verdict::none || exit_status(verdict) != 0) worst = verdict;
  }
  const std::string title = "VERDICTS";
  const std::string lines = wrapped(
      title + "  ", fmt::format("{}{}", series_verdicts(table_),
                                runs() == 0 ? "" : "; the report of each lies in its folder"));
  out_ += painted(paint_code(worst), title) + lines.substr(title.size());
}

}  // namespace

void add_run(SeriesTable& table, std::size_t row_index, const RunRecord& record,
             const Judgement& judgement) {
  if (table.scope.empty()) table.scope = record.conditions.scope;
  SeriesRow& row = table.rows[row_index];
  const Conditions& conditions = record.conditions;
  const TaskRecord all = pooled_tasks(record).front();
  const LatencyTime time = conditions.open_loop ? LatencyTime::response : LatencyTime::service;
  row.not_run.clear();
  row.verdict = judgement.verdict;
  row.exit_status = exit_status(judgement.verdict);
  row.why = judgement.why;
  row.open_loop = conditions.open_loop;
  row.load = load_words(conditions.open_loop, conditions.offered, conditions.users);
  row.repetitions = static_cast<std::uint32_t>(record.repetitions.size());
  if (!record.repetitions.empty()) {
    row.window = record.repetitions.front().window;
    row.warmup = record.repetitions.front().warmup;
  }
  row.time_scale = conditions.time_scale;
  row.throughput = throughput_of(record);
  const std::vector<double> effects = design_effects(record, {Quantile{0.5}, Quantile{0.99}});
  row.p50 = quantile_figure(record, all, time, Quantile{0.5}, effects[0]);
  row.p99 = quantile_figure(record, all, time, Quantile{0.99}, effects[1]);
  row.errors = all.measured.planned == 0 ? 0
                                         : 1 - static_cast<double>(all.measured.successes()) /
                                                   static_cast<double>(all.measured.planned);
  row.claims.clear();
  for (const ClaimResult& claim : judgement.claims)
    row.claims.push_back({claim.text, claim.verdict, measured_text(claim), claim.why});
}

std::string load_words(bool open_loop, Rate offered, std::uint32_t users) {
  if (open_loop) return format_rate(offered);
  return fmt::format("{} user{}", format_count(users), users == 1 ? "" : "s");
}

std::string row_name(const SeriesTable& table, const SeriesRow& row) {
  std::vector<std::string> parts;
  for (const auto& [key, value] : row.set) parts.push_back(label_of(table, key) + "=" + value);
  const std::string point = fmt::format("{}", fmt::join(parts, ", "));
  if (row.plan.empty()) return point;
  return point.empty() ? row.plan : row.plan + " " + point;
}

std::string series_verdicts(const SeriesTable& table) {
  constexpr std::array<Verdict, 5> kOrder = {Verdict::proven, Verdict::none, Verdict::inconclusive,
                                             Verdict::refuted, Verdict::invalid};
  std::vector<std::string> parts;
  std::size_t missing = table.rows.size();
  for (const Verdict verdict : kOrder) {
    const auto count = static_cast<std::size_t>(std::count_if(
        table.rows.begin(), table.rows.end(),
        [&](const SeriesRow& row) { return row.not_run.empty() && row.verdict == verdict; }));
    if (count > 0) parts.push_back(fmt::format("{} {}", count, verdict_name(verdict)));
    missing -= count;
  }
  if (missing > 0) parts.push_back(fmt::format("{} not run", missing));
  return fmt::format("{}", fmt::join(parts, ", "));
}

int series_exit_status(const SeriesTable& table) {
  constexpr std::array<int, 4> kWorstFirst = {5, 4, 1, 3};
  for (const int status : kWorstFirst) {
    if (status == 4 && (table.interrupted || table.seal == Seal::broken)) return status;
    for (const SeriesRow& row : table.rows) {
      if (row.exit_status == status) return status;
    }
  }
  return 0;
}

Changes changes_of(const SeriesTable& table, const SeriesRow& row) {
  Changes changes;
  if (!row.against || !row.not_run.empty()) return changes;
  const SeriesRow& base = table.rows[*row.against];
  if (&base == &row || !base.not_run.empty()) return changes;
  if (base.throughput.per_s > 0) {
    changes.throughput =
        Change{.ratio = row.throughput.per_s / base.throughput.per_s,
               .apart = ranges_apart(row, row.throughput.lowest, row.throughput.highest, base,
                                     base.throughput.lowest, base.throughput.highest)};
  }
  changes.p50 = change_of(row, row.p50, base, base.p50);
  changes.p99 = change_of(row, row.p99, base, base.p99);
  return changes;
}

std::string render_series_table(const SeriesTable& table, ConsoleStyle style) {
  return TableText(table, style).text();
}

}  // namespace natsproof
