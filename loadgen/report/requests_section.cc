#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/units.h"
#include "loadgen/report/report_sections.h"
#include "loadgen/report/text_layout.h"

namespace natsproof {
namespace {

constexpr std::size_t kTasksAbreast = 4;

void add_table(ReportPage& page, std::size_t first, std::size_t last) {
  constexpr std::size_t kTaskColumn = 15;
  const bool with_share = first == 0;
  std::vector<std::string> names;
  for (std::size_t i = first; i < last; ++i)
    names.push_back(shortened(name_of(page.pooled[i]), kTaskColumn - 1));
  const auto row = [&](std::string_view label, auto count_of, bool share) {
    std::string line = left(fmt::format("    {}", label), 20);
    for (std::size_t i = first; i < last; ++i) {
      const RequestCounts& counts = page.pooled[i].measured;
      line += right(format_count(count_of(counts)), kTaskColumn);
      if (i == 0 && with_share)
        line += right(share ? format_share(share_of(count_of(counts), counts.planned)) : "", 11);
    }
    page.add_line(std::move(line));
  };
  if (page.pooled.size() > 1) {
    std::string line(20, ' ');
    for (std::size_t i = 0; i < names.size(); ++i) {
      line += right(names[i], kTaskColumn);
      if (i == 0 && with_share) line += std::string(11, ' ');
    }
    page.add_line(std::move(line));
  }
  row(
      page.conditions.open_loop ? "planned" : "issued",
      [](const RequestCounts& c) { return c.planned; }, false);
  for (std::size_t c = 0; c < kRequestClasses; ++c) {
    if (page.all().measured.classes[c] == 0 && c != static_cast<std::size_t>(RequestClass::ok))
      continue;
    row(
        kRequestClassNames[c], [c](const RequestCounts& counts) { return counts.classes[c]; },
        true);
  }
  if (page.all().measured.late > 0)
    row(
        "late replies", [](const RequestCounts& c) { return c.late; }, false);
  if (page.all().measured.duplicate > 0)
    row(
        "duplicate replies", [](const RequestCounts& c) { return c.duplicate; }, false);
}

// What the sample services and the service runtime mean by a code; of a service of somebody else
// nothing is known.
std::string_view meaning_of(int code) {
  switch (code) {
    case 400:
      return "invalid";
    case 402:
      return "payment declined";
    case 403:
      return "fraud suspected";
    case 404:
      return "unknown";
    case 409:
      return "out of stock";
    case 413:
      return "too large";
    case 415:
      return "unknown encoding";
    case 429:
      return "overloaded";
    case 500:
      return "the service's own failure";
    case 503:
      return "unavailable or injected";
    default:
      return {};
  }
}

std::string code_text(const ReportPage& page, int code, std::uint64_t count) {
  const std::string_view meaning = page.conditions.staged ? meaning_of(code) : "";
  return meaning.empty() ? fmt::format("code {}: {}", code, format_count(count))
                         : fmt::format("code {} ({}): {}", code, meaning, format_count(count));
}

// What the services say: of the requests that no reply came to, and of the faults they injected.
void add_ledger(ReportPage& page) {
  LedgerCounts sum;
  bool is_kept = false, again_known = true;
  std::uint64_t executed_again = 0;
  std::map<std::string, std::uint64_t> injected;
  for (const Repetition& repetition : page.record.repetitions) {
    for (const auto& [name, count] : repetition.injected) injected[name] += count;
    if (!repetition.ledger) continue;
    is_kept = true;
    sum.never_arrived += repetition.ledger->never_arrived;
    sum.not_replied += repetition.ledger->not_replied;
    sum.reply_lost += repetition.ledger->reply_lost;
    sum.replied_late += repetition.ledger->replied_late;
    sum.unknown += repetition.ledger->unknown;
    again_known = again_known && repetition.ledger->executed_again.has_value();
    executed_again += repetition.ledger->executed_again.value_or(0);
  }
  const std::uint64_t unanswered =
      sum.never_arrived + sum.not_replied + sum.reply_lost + sum.replied_late + sum.unknown;
  const std::string again =
      again_known ? format_count(executed_again) + " executed twice" : "executed twice: not known";
  if (is_kept && unanswered == 0) {
    page.add_wrapped("    ", "ledgers: no request unanswered in time (warm-up included); " + again);
  } else if (is_kept) {
    page.add_wrapped(
        "    ",
        fmt::format(
            "ledgers: of {} (warm-up included) {} never arrived, {} taken but not answered, "
            "{} answered without a reply that came before the end, {} answered late, {} unknown; "
            "{}",
            counted(unanswered, "request") + " unanswered in time", format_count(sum.never_arrived),
            format_count(sum.not_replied), format_count(sum.reply_lost),
            format_count(sum.replied_late), format_count(sum.unknown), again));
  }
  std::vector<std::string> faults;
  for (const auto& [name, count] : injected)
    faults.push_back(fmt::format("{} {}", name, format_count(count)));
  if (!faults.empty()) {
    page.add_wrapped(
        "    ", fmt::format("faults injected, as the services count them (warm-up included): {}",
                            fmt::join(faults, ", ")));
  }
}

void add_details(ReportPage& page) {
  for (const TaskRecord& task : page.pooled) {
    if (task.name == kAllTasks && page.pooled.size() > 1) continue;
    std::vector<std::string> parts;
    for (const auto& [code, count] : task.measured.error_codes)
      parts.push_back(code_text(page, code, count));
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
      page.add_wrapped(fmt::format("    {}: ", name_of(task)),
                       fmt::format("{}", fmt::join(parts, "; ")));
  }
  const std::uint64_t stray = page.all().stray;
  const RequestCounts& counts = page.all().measured;
  if (counts.late == 0 && counts.duplicate == 0 && stray == 0) {
    page.add("    no late, duplicate or stray replies\n");
  } else if (stray > 0) {
    page.add_wrapped("    ", fmt::format("{} replies belonged to no request", format_count(stray)));
  }
  add_ledger(page);
  std::vector<std::string> unverified, alike;
  for (const TaskRecord& task : page.pooled) {
    if (task.name == kAllTasks && page.pooled.size() > 1) continue;
    const std::string name =
        task.name == kAllTasks ? name_of(task) : fmt::format("`{}`", name_of(task));
    if (!task.content_verified) unverified.push_back(name);
    if (task.content_verified && !task.tells_apart) alike.push_back(name);
  }
  if (!unverified.empty()) {
    page.add_wrapped(
        "    ",
        fmt::format("content not verified: a reply to {} counts as ok unless it is an error",
                    fmt::join(unverified, ", ")));
  }
  if (!alike.empty()) {
    page.add_wrapped(
        "    ",
        fmt::format("all right replies to {} are alike: one that belongs to another request "
                    "counts as ok (`expect: same` with `request: {{bytes: 12}}` or more tells "
                    "them apart)",
                    fmt::join(alike, ", ")));
  }
}

}  // namespace

void add_requests_section(ReportPage& page) {
  page.section("REQUESTS", "");
  add_table(page, 0, std::min(page.pooled.size(), kTasksAbreast));
  for (std::size_t first = kTasksAbreast; first < page.pooled.size(); first += kTasksAbreast) {
    page.add("\n");
    add_table(page, first, std::min(page.pooled.size(), first + kTasksAbreast));
  }
  add_details(page);
}

}  // namespace natsproof
