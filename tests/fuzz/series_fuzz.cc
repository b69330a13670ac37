// Any bytes may be given as a series.json, and what is read is written as text that reads the same.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "loadgen/report/series_table.h"

namespace {

void require(bool holds, const std::string& what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what.c_str());
  std::abort();
}

bool is_inside(const std::string& folder) {
  const std::filesystem::path path(folder);
  return path.is_relative() &&
         std::none_of(path.begin(), path.end(), [](const auto& part) { return part == ".."; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace natsproof;
  const auto table = read_series_json({reinterpret_cast<const char*>(data), size});
  if (!table) {
    require(!table.error().message.empty(), "a mistake without a word");
    return 0;
  }
  for (const SeriesRow& row : table->rows) {
    require(is_inside(row.folder), row.folder);
    require(!row.against || *row.against < table->rows.size(), "against");
  }
  require(!render_series_table(*table, {}).empty(), "no table");
  const std::string written = write_series_json(*table);
  const auto again = read_series_json(written);
  require(again.ok(), written + (again.ok() ? "" : again.error().message));
  require(write_series_json(*again) == written, written);
  return 0;
}
