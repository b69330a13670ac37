#include "services/runtime/interference.h"

#include <cassert>
#include <cstdio>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "base/base64.h"
#include "base/random.h"
#include "messaging/headers.h"
#include "services/runtime/json_text.h"
#include "services/runtime/log.h"

namespace natsproof {
namespace {

using Json = nlohmann::ordered_json;

std::string error_text(const std::string& message) {
  return json_text({{"error", message}});
}

constexpr std::string_view kLedgerQuestions =
    R"(ask {"begin": {"inboxes": ["_INBOX.<22 letters>."], "slots": N}} or )"
    R"({"read": {"inbox": "_INBOX.<22 letters>.", "from": N, "count": N}})";

Error bad_question(std::string_view what) {
  return Error{fmt::format("{}; {}", what, kLedgerQuestions)};
}

Result<std::uint64_t> number_in(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found != object.end() && found->is_number_unsigned()) return found->get<std::uint64_t>();
  return bad_question(fmt::format("`{}` is no whole number", key));
}

Result<void> begin(Ledger& ledger, const Json& question) {
  const auto inboxes = question.find("inboxes");
  if (inboxes == question.end() || !inboxes->is_array()) {
    return bad_question("`inboxes` is no list");
  }
  std::vector<std::string> names;
  for (const Json& inbox : *inboxes) {
    if (!inbox.is_string()) return bad_question("`inboxes` has something that is no text");
    names.push_back(inbox.get<std::string>());
  }
  const auto slots = number_in(question, "slots");
  if (!slots) return slots.error();
  if (!question.contains("seed")) return ledger.begin(names, *slots);
  const auto seed = number_in(question, "seed");
  if (!seed) return seed.error();
  return ledger.begin(names, *slots, *seed);
}

Result<void> read(const Ledger& ledger, const Json& question, Json& answer) {
  const auto inbox = question.find("inbox");
  if (inbox == question.end() || !inbox->is_string()) return bad_question("`inbox` is no text");
  const auto from = number_in(question, "from");
  if (!from) return from.error();
  const auto count = number_in(question, "count");
  if (!count) return count.error();
  if (*count > kMostLedgerNumbersRead) {
    return Error{
        fmt::format("`count` is {}: at most {} are read at once", *count, kMostLedgerNumbersRead)};
  }
  const auto piece = ledger.read(inbox->get<std::string>(), *from, *count);
  answer["known"] = piece.has_value();
  if (!piece) return {};
  answer["from"] = piece->from;
  answer["count"] = piece->count;
  answer["arrived"] = encode_base64(piece->arrived);
  answer["replied"] = encode_base64(piece->replied);
  answer["again"] = piece->again;
  return {};
}

// What all headers of ours begin with: a block without it has none of them.
bool has_own_header(std::string_view block) {
  return block.find("\r\nNatsproof-") != std::string_view::npos;
}

bool has_draws(const FaultSpec& faults, const WorkSpec& work) {
  FaultSpec drawn = faults;
  drawn.hang.reset();
  drawn.crash.reset();
  return !drawn.none() || !work.delay.empty();
}

}  // namespace

Interference::Interference(InterferenceConfig config, std::string instance, const Clock& clock)
    : config_(std::move(config)), instance_(std::move(instance)), clock_(clock) {
  assert(config_.allow_faults || (config_.faults.none() && config_.ledger == nullptr));
  set(config_.faults);
}

void Interference::set(FaultSpec faults) {
  config_.faults = std::move(faults);
  draws_ = has_draws(config_.faults, config_.work);
  const Instant now = clock_.now();
  hang_at_ = config_.faults.hang ? now + config_.faults.hang->after : Instant::max();
  crash_at_ = config_.faults.crash ? now + *config_.faults.crash : Instant::max();
}

Result<DrawnFaults> Interference::draw(const Message& request) {
  const FaultSpec* faults = &config_.faults;
  bool draws = draws_;
  std::shared_ptr<RequestTrace> trace;
  if (config_.allow_faults && has_own_header(request.headers)) {
    if (find_header(request.headers, kTraceHeader) == kTraceWanted) {
      trace = std::make_shared<RequestTrace>(request.received, clock_.now());
    }
    if (const auto own = find_header(request.headers, kFaultHeader)) {
      const Result<FaultSpec>& read = header_faults_.of(*own);
      if (!read) {
        return Error{fmt::format("the header {}: {}", kFaultHeader, read.error().message)};
      }
      faults = &*read;
      draws = true;
    }
  }
  leak_bytes_ = faults->leak_bytes;
  if (!draws) {
    DrawnFaults none;
    none.fate.trace = std::move(trace);
    return none;
  }
  auto hash = config_.ledger ? config_.ledger->hash_of(request.reply_to) : std::nullopt;
  if (!hash) hash = request_hash(request.reply_to);
  if (!hash) hash = mix64(++without_number_);
  DrawnFaults drawn = draw_faults(*faults, *hash);
  if (request.reply_to.empty()) drawn.fate = {};  // nobody waits for what could go wrong
  drawn.fate.work = draw_work_delay(config_.work, *hash);
  drawn.fate.trace = std::move(trace);
  return drawn;
}

void Interference::leak() {
  if (leak_bytes_ == 0) return;
  injected.count("leak");
  leak_memory(leak_bytes_);
}

std::string Interference::answer_faults(std::string_view payload) {
  if (payload != "?") {
    auto faults = parse_faults(payload);
    if (!faults) return error_text(faults.error().message);
    set(std::move(*faults));
    const std::string text = faults_text(config_.faults);
    service_log().info("{} {} has new faults: {}", config_.service, instance_,
                       text.empty() ? "none" : text);
  }
  return json_text({{"service", config_.service},
                    {"instance", instance_},
                    {"faults", faults_text(config_.faults)},
                    {"injected", injected.all()}});
}

std::string Interference::answer_ledger(std::string_view payload) const {
  if (config_.ledger == nullptr) return error_text("no ledger is kept");
  const Json question = Json::parse(payload, nullptr, false);
  const auto asks = [&](const char* what) {
    return question.is_object() && question.size() == 1 && question.contains(what) &&
           question[what].is_object();
  };
  Json answer = {
      {"service", config_.service}, {"instance", instance_}, {"ledger", config_.ledger->id()}};
  Result<void> done;
  if (asks("begin")) {
    done = begin(*config_.ledger, question["begin"]);
    answer["ok"] = true;
  } else if (asks("read")) {
    done = read(*config_.ledger, question["read"], answer);
  } else {
    done = bad_question(question.is_discarded() ? "that is no JSON" : "that is no question");
  }
  return done ? json_text(answer) : error_text(done.error().message);
}

Instant Interference::next_due() const {
  return std::min(hang_at_, crash_at_);
}

Duration Interference::do_what_is_due() {
  const Instant now = clock_.now();
  if (now >= crash_at_) {
    fmt::print(stderr, "{} {} crashes as it was told to: {}\n", config_.service, instance_,
               faults_text(config_.faults));
    _exit(kCrashStatus);
  }
  if (now < hang_at_) return Duration::zero();
  hang_at_ = Instant::max();
  injected.count("hang");
  return config_.faults.hang->lasting;
}

}  // namespace natsproof
