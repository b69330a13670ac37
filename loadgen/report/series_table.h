// The table of a series of runs: the points of a sweep, or the plans of a pack, one row each.
//
// A row is made from a run's record and its judgement alone; what the table knows besides (which
// rows there are, what each is told against, what was not run) is series.json, so that the table
// can be made again from the saved runs.
//
// Changes are ratios of a row's figure to that of the row it is told against. A ratio carries `~`
// where it may be noise: where the figures' ranges over the repetitions overlap, or where either
// side has fewer than kFewestApart repetitions (ranges of three and three lie apart by chance in
// one of ten cases, of four and four in one of 35).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "loadgen/judge/judgement.h"
#include "loadgen/measure/run_record.h"
#include "loadgen/report/console_report.h"
#include "loadgen/report/latency_table.h"

namespace natsproof {

inline constexpr std::uint32_t kFewestApart = 4;

struct SeriesClaim {
  std::string text;
  Verdict verdict = Verdict::inconclusive;
  std::string measured;  // for people: `1.24 ms`
  std::string why;
};

// Successes a second, within the window.
struct ThroughputFigure {
  double per_s = 0;
  double lowest = 0, highest = 0;  // over the repetitions
};

struct SeriesRow {
  std::string plan;                                      // of a pack; empty in a sweep
  std::vector<std::pair<std::string, std::string>> set;  // key and value of a sweep's point
  std::string folder;                                    // of its run, within the series'
  std::optional<std::size_t> against;  // row that its changes are told against; nothing: not told
  std::string load;                    // `100 users`, `2,000/s`
  std::string not_run;                 // why there is no run; empty: there is
  int exit_status = 0;

  // Of the run.
  Verdict verdict = Verdict::none;
  std::string why;
  bool open_loop = true;
  std::uint32_t repetitions = 0;
  Duration window{}, warmup{};  // of the first repetition
  double time_scale = 1;
  ThroughputFigure throughput;
  LatencyFigure p50, p99;  // response time; service time in a closed loop
  double errors = 0;       // share of the planned requests
  std::vector<SeriesClaim> claims;
};

enum class SeriesKind { sweep, pack };

struct SeriesTable {
  static constexpr const char* kSchema = "natsproof.series/1";
  SeriesKind kind = SeriesKind::sweep;
  std::string name, about;
  std::vector<std::string> keys, labels;  // of a sweep: as written, and short
  std::uint32_t rounds = 0;               // of a sweep
  bool fresh_stages = false;              // of a sweep: each repetition had a stage of its own
  bool interrupted = false;
  Seal seal = Seal::intact;  // of the series.json it was read from
  std::string scope;         // of its runs; empty: none was run
  std::vector<SeriesRow> rows;
};

// Fills in what the row says of its run, and the table's scope.
void add_run(SeriesTable& table, std::size_t row, const RunRecord& record,
             const Judgement& judgement);

// `2,000/s` of an open loop, `100 users` of a closed one.
std::string load_words(bool open_loop, Rate offered, std::uint32_t users);

// What a row is called: `users=10, codec=json`, `open/baseline`, `large items=100`.
std::string row_name(const SeriesTable& table, const SeriesRow& row);

// `4 PROVEN, 1 INVALID, 2 not run`.
std::string series_verdicts(const SeriesTable& table);

// The worst of the rows' in the order 5, 4, 1, 3, 0; an interrupted series has 4 at least.
int series_exit_status(const SeriesTable& table);

// A figure of one row as a share of another row's.
struct Change {
  double ratio = 1;
  bool apart = false;  // not explained by how the repetitions scatter
};
struct Changes {
  std::optional<Change> throughput, p50, p99;
};
// Nothing where one of the two has no such figure, or where one is an open loop and one closed.
Changes changes_of(const SeriesTable& table, const SeriesRow& row);

std::string render_series_table(const SeriesTable& table, ConsoleStyle style);

// series.json, schema `natsproof.series/1`.
std::string write_series_json(const SeriesTable& table);
// The table without the figures of its runs. Errors name the key. Any bytes may be given; the
// folders are within the series' own.
Result<SeriesTable> read_series_json(std::string_view text);

}  // namespace natsproof
