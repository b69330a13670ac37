// A run's folder: run.json and the reports made from it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "loadgen/judge/judgement.h"
#include "loadgen/measure/run_record.h"
#include "loadgen/report/series_table.h"

namespace natsproof {

// Where results go without --out: `results/20260301T120000Z-baseline`. What is not fit for a
// folder's name becomes `_`.
std::string results_folder(std::int64_t started_utc_ms, std::string_view plan_name);

// Makes that folder for its caller alone: where there is one of this name already, `-2`, `-3` and
// so on is appended. Returns the name; of two programs that ask at once each gets one of its own.
// Errors name the folder and why.
Result<std::string> make_new_folder(const std::string& folder);

// What a folder holds already, as in `the run of baseline, begun 2026-03-01T12:00:00.000Z`; empty
// where it has neither run.json nor series.json.
std::string results_in(const std::string& folder);

// The folders right inside of it that hold results, those written last first, at most so many.
std::vector<std::string> newest_results_in(const std::string& folder, std::size_t at_most);

// Writes run.json, report.txt and, for HdrHistogram's tools, intervals.hlog, response.hgrm and
// service.hgrm into `folder`, which is made if need be. Each file appears whole
// or not at all, and takes the place of an older one; the run.json of a record whose file was
// changed is left alone. Errors name the file and why.
Result<void> write_results(const std::string& folder, const RunRecord& record,
                           const Judgement& judgement);

// The record of a folder that write_results() has written, or of a run.json itself.
Result<RunRecord> read_results(const std::string& folder_or_file);

// A series' folder has series.json and series.txt, and its runs in folders of their own.
Result<void> write_series(const std::string& folder, const SeriesTable& table);
bool is_series(const std::string& folder);
// The table with the figures of its runs; their reports and its own are made again.
Result<SeriesTable> remake_series(const std::string& folder);

}  // namespace natsproof
