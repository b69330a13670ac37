#include "loadgen/report/artefacts.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loadgen/measure/histogram_log.h"
#include "loadgen/measure/percentile_distribution.h"
#include "loadgen/report/console_report.h"
#include "loadgen/report/pooled_tasks.h"
#include "loadgen/report/run_file.h"
#include "loadgen/report/utc_time.h"

namespace natsproof {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRunFile = "run.json";
constexpr const char* kReportFile = "report.txt";
constexpr const char* kIntervalsFile = "intervals.hlog";
constexpr const char* kSeriesFile = "series.json";
constexpr const char* kSeriesReportFile = "series.txt";

Error system_error(std::string_view doing, const fs::path& path, int error) {
  return Error{fmt::format("cannot {} {}: {}", doing, path.string(), std::strerror(error))};
}

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0 && errno != EINTR) return false;
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::fsync(file) == 0;
}

// By a temporary file in the same folder and a rename, so that nobody ever reads half a file.
Result<void> write_file(const fs::path& path, std::string_view text) {
  std::string temporary = path.string() + ".XXXXXX";
  const int file = ::mkostemp(temporary.data(), O_CLOEXEC);
  if (file < 0) return system_error("write", path, errno);
  const bool written = write_all(file, text) && ::fchmod(file, 0644) == 0;
  const int error = errno;
  ::close(file);
  if (!written) {
    ::unlink(temporary.c_str());
    return system_error("write", path, error);
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    const int rename_error = errno;
    ::unlink(temporary.c_str());
    return system_error("write", path, rename_error);
  }
  return {};
}

Result<std::string> read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return system_error("read", path, errno);
  std::error_code error;
  const std::uintmax_t size = fs::file_size(path, error);
  if (error) return Error{fmt::format("cannot read {}: {}", path.string(), error.message())};
  // One byte too many is enough for the reader to refuse it.
  std::string text(std::min<std::uintmax_t>(size, kMostRunFileBytes + 1), '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

Result<void> make_folder(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error) return {};
  return Error{fmt::format("cannot make the folder {}: {}", folder, error.message())};
}

// The seconds of the run, warm-up left out, as a log that HdrHistogram's tools draw.
std::string interval_log(const RunRecord& record) {
  const std::int64_t start =
      record.repetitions.empty() ? 0 : record.repetitions.front().started_utc_ms;
  const char* tag = record.conditions.open_loop ? "response" : "service";
  HistogramLogWriter log(start, fmt::format("{}: {} time", record.conditions.plan_name, tag));
  for (const Repetition& repetition : record.repetitions) {
    for (const Interval& interval : repetition.intervals) {
      if (interval.warmup || interval.count == 0) continue;
      if (const auto histogram = Histogram::decode(interval.hdr))
        log.add(tag, interval.utc_ms, interval.length, *histogram);
    }
  }
  return log.text();
}

}  // namespace

std::string results_folder(std::int64_t started_utc_ms, std::string_view plan_name) {
  std::string time = format_utc(started_utc_ms).substr(0, 19);  // without the milliseconds
  std::erase_if(time, [](char c) { return c == '-' || c == ':'; });
  std::string name(plan_name.substr(0, 100));
  for (char& c : name) {
    const bool fit = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '-' || c == '_' || c == '.';
    if (!fit) c = '_';
  }
  return fmt::format("results/{}Z-{}", time, name);
}

Result<std::string> make_new_folder(const std::string& folder) {
  if (const std::string above = fs::path(folder).parent_path().string(); !above.empty()) {
    if (auto made = make_folder(above); !made) return made.error();
  }
  constexpr int kMostTries = 10'000;
  std::string name = folder;
  for (int i = 2; i <= kMostTries; ++i) {
    // One call that makes it or says that it is there: between a look and the making somebody
    // else could make it.
    if (::mkdir(name.c_str(), 0777) == 0) return name;
    if (errno != EEXIST) break;
    name = fmt::format("{}-{}", folder, i);
  }
  return system_error("make the folder", name, errno);
}

std::string results_in(const std::string& folder) {
  std::error_code ignored;
  if (is_series(folder)) {
    const auto text = read_file(fs::path(folder) / kSeriesFile);
    const auto table = text ? read_series_json(*text) : Result<SeriesTable>(text.error());
    return table ? "the series " + table->name : std::string("a series");
  }
  if (!fs::exists(fs::path(folder) / kRunFile, ignored)) return {};
  const auto record = read_results(folder);
  if (!record) return "a run";
  std::string what = "the run of " + record->conditions.plan_name;
  if (!record->repetitions.empty())
    what += ", begun " + format_utc(record->repetitions.front().started_utc_ms);
  return what;
}

std::vector<std::string> newest_results_in(const std::string& folder, std::size_t at_most) {
  std::vector<std::pair<fs::file_time_type, std::string>> found;
  std::error_code none;
  for (fs::directory_iterator entry(folder, none), end; !none && entry != end;
       entry.increment(none)) {
    for (const char* file : {kRunFile, kSeriesFile}) {
      std::error_code not_there;
      const auto written = fs::last_write_time(entry->path() / file, not_there);
      if (not_there) continue;
      found.emplace_back(written, entry->path().string());
      break;
    }
  }
  std::sort(found.rbegin(), found.rend());
  std::vector<std::string> names;
  for (std::size_t i = 0; i < std::min(at_most, found.size()); ++i)
    names.push_back(std::move(found[i].second));
  return names;
}

Result<void> write_results(const std::string& folder, const RunRecord& record,
                           const Judgement& judgement) {
  if (auto made = make_folder(folder); !made) return made;
  std::error_code not_there;
  for (const char* older : {kSeriesFile, kSeriesReportFile})  // it would be taken for the series'
    fs::remove(fs::path(folder) / older, not_there);
  // A file that was changed stays as it was found: it is the evidence.
  const bool changed = record.file && record.file->seal == Seal::broken;
  if (!changed) {
    if (auto written = write_file(fs::path(folder) / kRunFile, write_run_json(record, judgement));
        !written)
      return written;
  }
  const TaskRecord all = pooled_tasks(record).front();
  std::vector<std::pair<std::string, std::string>> reports = {
      {kReportFile, render_console_report(record, judgement, {})},
      {kIntervalsFile, interval_log(record)}};
  for (const auto& [name, histogram] :
       {std::pair{"response.hgrm", &all.response}, std::pair{"service.hgrm", &all.service}}) {
    if (histogram->empty()) continue;
    reports.emplace_back(name, write_percentile_distribution(percentile_distribution(*histogram)));
  }
  for (const auto& [name, text] : reports) {
    if (auto written = write_file(fs::path(folder) / name, text); !written) return written;
  }
  return {};
}

Result<RunRecord> read_results(const std::string& folder_or_file) {
  fs::path path(folder_or_file);
  std::error_code error;
  if (fs::is_directory(path, error)) path /= kRunFile;
  const auto text = read_file(path);
  if (!text) return text.error();
  auto record = read_run_json(*text);
  if (record) return record;
  return Error{fmt::format("{}: {}", path.string(), record.error().message)};
}

Result<void> write_series(const std::string& folder, const SeriesTable& table) {
  if (auto made = make_folder(folder); !made) return made;
  if (table.seal != Seal::broken) {
    if (auto written = write_file(fs::path(folder) / kSeriesFile, write_series_json(table));
        !written)
      return written;
  }
  return write_file(fs::path(folder) / kSeriesReportFile, render_series_table(table, {}));
}

bool is_series(const std::string& folder) {
  std::error_code ignored;
  return fs::is_regular_file(fs::path(folder) / kSeriesFile, ignored);
}

Result<SeriesTable> remake_series(const std::string& folder) {
  const fs::path path = fs::path(folder) / kSeriesFile;
  const auto text = read_file(path);
  if (!text) return text.error();
  auto table = read_series_json(*text);
  if (!table) return Error{fmt::format("{}: {}", path.string(), table.error().message)};
  std::set<std::string> sweeps;  // of a pack: the folders of plans that are sweeps themselves
  for (std::size_t i = 0; i < table->rows.size(); ++i) {
    if (!table->rows[i].not_run.empty()) continue;
    const std::string own = (fs::path(folder) / table->rows[i].folder).string();
    const auto record = read_results(own);
    if (!record) return record.error();
    const Judgement judgement = judge(*record);
    add_run(*table, i, *record, judgement);
    if (auto written = write_results(own, *record, judgement); !written) return written.error();
    const fs::path above = fs::path(table->rows[i].folder).parent_path();
    if (!above.empty() && !table->rows[i].set.empty() && is_series(fs::path(folder) / above))
      sweeps.insert(fs::path(folder) / above);
  }
  for (const std::string& sweep : sweeps) {
    if (auto remade = remake_series(sweep); !remade) return remade.error();
  }
  if (auto written = write_series(folder, *table); !written) return written.error();
  return table;
}

}  // namespace natsproof
