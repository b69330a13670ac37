// Which faults a request gets, and how many were injected.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "models/faults/fault_spec.h"
#include "models/faults/work_spec.h"
#include "services/runtime/request_trace.h"

namespace natsproof {

enum class Outcome : std::uint8_t {
  none,
  error,
  drop_before,
  drop_after,
  wrong,
  twice,
  late,
  size
};

// What becomes of one request besides what its handler does with it.
struct Fate {
  Outcome outcome = Outcome::none;
  int code = 0;                           // of an error
  Duration late{};                        // the reply waits: by a fault
  Duration work{};                        // the same: for work that was asked for
  std::uint64_t size_bytes = 0;           // of a reply of another size
  std::shared_ptr<RequestTrace> trace{};  // null: it did not ask for one
};

// A number for a request that is the same on every instance and in every process: a hash of its
// reply subject's inbox and of the sequence number at its end. An inbox is another in each
// repetition, so that each draws anew. Nothing: the subject has no number.
std::optional<std::uint64_t> request_hash(std::string_view reply_to);

struct DrawnFaults {
  Fate fate{};
  Duration delay{};
};
// Functions of their arguments. The delay does not depend on the outcome.
DrawnFaults draw_faults(const FaultSpec& faults, std::uint64_t request);
Duration draw_work_delay(const WorkSpec& work, std::uint64_t request);

// Counts since the instance began. One thread at a time.
class InjectedCounts {
 public:
  void count_error(int code) { ++errors_[code]; }
  void count(std::string_view name) { ++counts_[std::string(name)]; }
  // By name (fault_spec.h); those that are not 0.
  [[nodiscard]] std::map<std::string, std::uint64_t> all() const;

 private:
  std::map<std::string, std::uint64_t> counts_;
  std::map<int, std::uint64_t> errors_;
};

// The faults that requests ask for themselves, in a header; read once for each text.
class HeaderFaults {
 public:
  // Valid until the next call. Errors: those of parse_faults(), and hang and crash, which are for
  // an instance.
  const Result<FaultSpec>& of(std::string_view text);

 private:
  std::map<std::string, Result<FaultSpec>, std::less<>> read_;
};

// For good: touched, and never given back.
void leak_memory(std::uint64_t bytes);
// `cpu` and `alloc`.
void do_work_now(const WorkSpec& work);

}  // namespace natsproof
