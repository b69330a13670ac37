#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/units.h"
#include "loadgen/report/latency_table.h"
#include "loadgen/report/report_sections.h"
#include "loadgen/report/text_layout.h"

namespace natsproof {
namespace {

// Each connection counts once, so their times have no blocks and a design effect of 1.
// Of few connections the whole range; of many the quantiles that their number supports.
std::string spread_text(const Histogram& times) {
  constexpr std::uint64_t kFew = 100;
  if (times.count() == 1) return format_duration(times.max());
  if (times.count() <= kFew) return format_range(times.min(), times.max());
  std::vector<std::string> parts;
  for (const Quantile q : {Quantile{0.5}, Quantile{0.99}}) {
    if (quantile_support(q, times.count()) != QuantileSupport::none)
      parts.push_back(quantile_words(times, q, 1));
  }
  parts.push_back(times.out_of_range() > 0 ? "max not known"
                                           : "max " + format_duration(times.max()));
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace

void add_set_up_section(ReportPage& page) {
  Histogram set_up, first_request;
  for (const Repetition& repetition : page.record.repetitions) {
    set_up.merge(repetition.set_up);
    first_request.merge(repetition.first_request);
  }
  std::vector<std::string> parts;
  if (!set_up.empty()) {
    parts.push_back(fmt::format("{} in {}, ready in {}", counted(set_up.count(), "connection"),
                                counted(page.record.repetitions.size(), "repetition"),
                                spread_text(set_up)));
  }
  if (!first_request.empty()) {
    std::string text = "first request on a connection " + spread_text(first_request);
    const Histogram& service = page.all().service;
    if (quantile_support(Quantile{0.5}, service.count()) != QuantileSupport::none) {
      text +=
          fmt::format(", against a service time of {} in the measurement",
                      quantile_words(service, Quantile{0.5}, page.design_effect_of(Quantile{0.5})));
    }
    parts.push_back(std::move(text));
  }
  if (!parts.empty()) page.section("SET-UP", fmt::format("{}", fmt::join(parts, "; ")));
}

}  // namespace natsproof
