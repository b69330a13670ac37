// What a service does besides serving: faults that are injected, work that is asked for, the ledger
// that is kept. A service without any has none of this, and pays one branch for it.
//
// With `allow_faults` it answers on two control subjects, on every instance (no queue group):
//
//   <control>.faults   a spec (models/faults/fault_spec.h) sets the faults, an empty payload none,
//                      `?` leaves them; `{"service":"orders","instance":"<id>","faults":"<spec>",
//                      "injected":{"drop_before":12}}`, counts since the instance began
//   <control>.ledger   `{"begin":{"inboxes":["_INBOX.<22 letters>."],"slots":1000,"seed":1}}` ->
//                      `{"service","instance","ledger":"<its id>","ok":true}`
//                      `{"read":{"inbox":"_INBOX.<22 letters>.","from":0,"count":1000}}` ->
//                      `{"service","instance","ledger","known":true,"from","count","arrived":"<base64
//                      of bits, the lowest first>","replied","again":0}`; `"known":false` and no
//                      bits of an inbox that was not begun here; `count` is at most 1,000,000, and
//                      is cut at the end of the slots
//
// and `{"error":"..."}`, with nothing changed, to whatever else they are asked. A request may bring
// its own faults, for itself alone, in the header Natsproof-Fault.
//
// Which request gets which fault is a function of the seed and of its number, where the ledger was
// begun with a seed (Ledger::hash_of()): the same in every run of a plan. Else it depends on its
// reply subject alone (request_hash()), or on how many requests without a number there were before.
//
// A request with the header Natsproof-Trace has the stages of its way in its reply
// (base/trace_stamps.h); also only with `allow_faults`.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "messaging/transport.h"
#include "models/faults/fault_spec.h"
#include "models/faults/work_spec.h"
#include "services/runtime/faults.h"
#include "services/runtime/ledger.h"

namespace natsproof {

struct InterferenceConfig {
  std::string service;  // as the control subjects and their answers call it: orders
  std::string control;  // natsproof.control.orders
  bool allow_faults = false;
  FaultSpec faults{};                // REQUIRES: allow_faults, if there are any
  std::shared_ptr<Ledger> ledger{};  // null: none is kept; REQUIRES: allow_faults, if there is
  WorkSpec work{};
};

inline constexpr int kCrashStatus = 86;  // of a process that ends by crash@
inline constexpr std::string_view kFaultHeader = "Natsproof-Fault";
inline constexpr std::uint64_t kMostLedgerNumbersRead = 1'000'000;

// Not thread-safe: the Service it belongs to has the mutex.
class Interference {
 public:
  // Begins the time of hang and crash.
  Interference(InterferenceConfig config, std::string instance, const Clock& clock);

  [[nodiscard]] const InterferenceConfig& config() const { return config_; }
  [[nodiscard]] const WorkSpec& work() const { return config_.work; }
  // False: draw() would return nothing, and leak() do nothing.
  [[nodiscard]] bool may_draw(const Message& request) const {
    return draws_ || !request.headers.empty();
  }
  // What this request gets. Errors: what is wrong with its own header.
  Result<DrawnFaults> draw(const Message& request);
  // The leak that was asked for together with what draw() has returned last.
  void leak();
  void mark_arrived(std::string_view reply_to) {
    if (config_.ledger) config_.ledger->mark_arrived(reply_to);
  }
  void mark_replied(std::string_view reply_to) {
    if (config_.ledger) config_.ledger->mark_replied(reply_to);
  }

  // Answers to the control subjects.
  std::string answer_faults(std::string_view payload);
  [[nodiscard]] std::string answer_ledger(std::string_view payload) const;

  // When to hang or to crash; Instant::max(): never.
  [[nodiscard]] Instant next_due() const;
  // Ends the process, if that is due. How long to do nothing, if that is.
  Duration do_what_is_due();
  // Neither hang nor crash any more.
  void calm_down() { hang_at_ = crash_at_ = Instant::max(); }

  InjectedCounts injected;

 private:
  void set(FaultSpec faults);

  InterferenceConfig config_;
  const std::string instance_;
  const Clock& clock_;
  Instant hang_at_ = Instant::max(), crash_at_ = Instant::max();
  bool draws_ = false;  // there is something to draw for every request
  std::uint64_t leak_bytes_ = 0;
  std::uint64_t without_number_ = 0;
  HeaderFaults header_faults_;
};

}  // namespace natsproof
