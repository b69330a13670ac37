#include <cmath>
#include <string>

#include <fmt/format.h>

#include "base/units.h"
#include "loadgen/report/latency_table.h"
#include "loadgen/report/report_sections.h"
#include "loadgen/report/text_layout.h"

namespace natsproof {
namespace {

// `12.3 MiB out, 245 B a request, 503 KiB/s`
std::string bytes_text(const ReportPage& page, std::uint64_t bytes, std::string_view way,
                       std::uint64_t messages, std::string_view message) {
  const auto rounded = [](double value) { return static_cast<std::uint64_t>(std::llround(value)); };
  return fmt::format(
      "{} {}, {} a {}, {}/s", format_bytes(bytes), way,
      format_bytes(rounded(static_cast<double>(bytes) / static_cast<double>(messages))), message,
      format_bytes(rounded(per_s(bytes, page.window))));
}

// Payloads and headers of requests and of their first replies.
void add_bytes(ReportPage& page) {
  const RequestCounts& counts = page.all().measured;
  const std::uint64_t first_replies = counts.successes() + counts.of(RequestClass::wrong_reply) +
                                      counts.of(RequestClass::service_error) +
                                      counts.of(RequestClass::no_responders);
  if (counts.handed_over() == 0 || counts.bytes_out + counts.bytes_in == 0) return;
  std::string text =
      bytes_text(page, counts.bytes_out, "out", counts.handed_over(), "request") + "; ";
  text += first_replies == 0 ? "nothing in"
                             : bytes_text(page, counts.bytes_in, "in", first_replies, "reply");
  page.add_wrapped("      ", text);
}

// Poisson arrivals make another number of requests than the rate times the time.
std::string drawn_text(const ReportPage& page) {
  const Conditions& conditions = page.conditions;
  const std::string asked = format_rate(conditions.offered);
  const bool is_drawn = conditions.schedule.find("Poisson") != std::string::npos;
  if (!is_drawn || asked == format_rate(Rate{per_s(page.all().measured.planned, page.window)}))
    return {};
  return fmt::format(" (drawn by chance for {})", asked);
}

}  // namespace

void add_rate_section(ReportPage& page) {
  const RequestCounts& counts = page.all().measured;
  const auto rate = [&](std::uint64_t count) {
    return format_rate(Rate{per_s(count, page.window)});
  };
  if (page.conditions.open_loop) {
    page.section(
        "RATE",
        fmt::format("offered {}{}, handed over {}, answered within the window {} ({} of planned)",
                    rate(counts.planned), drawn_text(page), rate(counts.handed_over()),
                    rate(counts.in_window),
                    format_share(share_of(counts.in_window, counts.planned))));
  } else {
    page.section("RATE", fmt::format("{} answered within the window", rate(counts.in_window)));
  }
  add_bytes(page);
  if (const Histogram& lag = page.all().send_lag; !lag.empty()) {
    const auto quantile = [&](double q) {
      return quantile_words(lag, Quantile{q}, page.design_effect_of(Quantile{q}));
    };
    page.add_wrapped(
        "      ", fmt::format("send lag {}, {}, max {}", quantile(0.5), quantile(0.99),
                              lag.out_of_range() > 0 ? "not known" : format_duration(lag.max())));
  }
}

}  // namespace natsproof
