#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/units.h"
#include "loadgen/report/report_sections.h"
#include "loadgen/report/text_layout.h"

namespace natsproof {
namespace {

// The most frequent failure, and what to look at because of it.
std::string failure_hint(const ReportPage& page) {
  std::size_t most = static_cast<std::size_t>(RequestClass::wrong_reply);
  for (std::size_t c = most; c < kRequestClasses; ++c) {
    if (page.all().measured.classes[c] > page.all().measured.classes[most]) most = c;
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
bool refuted_by_failures(const ReportPage& page) {
  for (std::size_t i = 0; i < page.record.claims.size() && i < page.judgement.claims.size(); ++i) {
    const TaskRecord* task = page.task_of(page.record.claims[i]);
    if (page.judgement.claims[i].verdict != Verdict::refuted || task == nullptr) continue;
    const std::uint64_t failed = task->measured.planned - task->measured.successes();
    if (failed > 0 && 2 * failed >= page.judgement.claims[i].over) return true;
  }
  return false;
}

bool was_aborted(const ReportPage& page) {
  const auto& repetitions = page.record.repetitions;
  return std::any_of(repetitions.begin(), repetitions.end(),
                     [](const Repetition& repetition) { return !repetition.aborted.empty(); });
}

// Where a claim that was refuted has its figures second by second.
std::string refuted_hint(const ReportPage& page) {
  bool has_blocks = false, is_of_requests = false;
  for (std::size_t i = 0; i < page.record.claims.size() && i < page.judgement.claims.size(); ++i) {
    if (page.judgement.claims[i].verdict != Verdict::refuted) continue;
    is_of_requests |= !page.record.claims[i].is_resource();
    for (const Repetition& repetition : page.record.repetitions)
      has_blocks |= i < repetition.blocks.size() && !repetition.blocks[i].empty();
  }
  if (!is_of_requests) {
    return "lower the rate, raise the limit or make the processes need less; RESOURCES above shows "
           "what each took, and repetitions[].resources in run.json when";
  }
  return std::string("lower the rate, raise the limit or make the service faster; ") +
         (has_blocks ? "claims[].blocks in run.json show in which seconds it broke"
                     : "intervals in run.json show how it went second by second");
}

std::string next_step(const ReportPage& page) {
  const bool nothing = page.all().measured.planned > 0 && page.all().measured.successes() == 0;
  switch (page.judgement.verdict) {
    case Verdict::proven:
      return "quote it together with the scope above; another host, load or version needs a run of "
             "its own";
    case Verdict::refuted:
      if (refuted_by_failures(page)) return failure_hint(page);
      return refuted_hint(page);
    case Verdict::inconclusive:
      return "do what the INCONCLUSIVE claims above ask for, and run it again";
    case Verdict::invalid:
      if (was_aborted(page))
        return "remedy the failures that broke the plan's `abort` limit (see the top and "
               "REQUESTS), "
               "and run it again";
      if (page.record.file && page.record.file->seal == Seal::broken)
        return "take the file as the run wrote it, or run it again; quote no figure of this one";
      if (page.record.interrupted) return "run it again and let it finish";
      if (!page.record.failure.empty()) return "remedy what failed (see the top), and run it again";
      if (nothing) return failure_hint(page);
      return "follow the advice of the failed gates, and run it again; quote no figure of this run";
    case Verdict::none:
      break;
  }
  return "state a claim, for example `response p99 < 5ms`, to get a verdict";
}

// The gates that guard this verdict and could not be checked.
std::string unchecked_gates(const ReportPage& page) {
  const Judgement& judgement = page.judgement;
  if (judgement.verdict != Verdict::proven && judgement.verdict != Verdict::refuted) return {};
  const Could harmless = judgement.verdict == Verdict::proven ? Could::slander : Could::flatter;
  std::vector<std::string> names;
  for (const GateResult& gate : judgement.gates) {
    std::string name = fmt::format("`{}`", gate.name);
    if (gate.name == "server agrees" && !page.record.conditions.staged)
      name += " (the server was not started by this run, and its own counts are not asked for)";
    if (!gate.passed && gate.could != harmless &&
        std::find(names.begin(), names.end(), name) == names.end())
      names.push_back(name);
  }
  if (names.empty()) return {};
  return fmt::format(" Not checked: {}.", fmt::join(names, ", "));
}

}  // namespace

void add_verdict_section(ReportPage& page) {
  const Judgement& judgement = page.judgement;
  page.heading(paint_of(judgement.verdict),
               fmt::format("VERDICT  {}", verdict_name(judgement.verdict)),
               judgement.why + unchecked_gates(page));
  page.add_wrapped("Next: ", next_step(page));
}

}  // namespace natsproof
