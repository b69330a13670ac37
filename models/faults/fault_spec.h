// What a service is told to do wrong. Written as knobs, separated by blanks or `;`; every share is
// a percentage of the requests, and may have decimals:
//
//   delay=150us:10,2ms:5     begins that much later; which requests does not depend on the rest
//   error=503:10,500:1       answers with this error (400 to 599), without executing
//   drop=0.5:before,1:after  does not answer; not executed at all, or executed
//   wrong=1                  executes, and answers something that is not right
//   twice=1                  executes, and answers twice
//   late=300ms:1             executes, and answers that much later
//   size=64KiB:5             executes, and answers with that many bytes instead
//   hang=200ms@10s           10 s after the faults were set, does nothing for 200 ms
//   crash@30s                30 s after they were set, the process ends at once
//   leak=1KiB                never gives back that much memory of every request
//
// error, drop, wrong, twice, late and size are outcomes: a request has one of them or none.
// Without a percentage a value is for all requests. Shared by the services and the load generator.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "models/faults/knobs.h"

namespace natsproof {

struct Hang {
  Duration lasting{}, after{};
  bool operator==(const Hang&) const = default;
};

struct FaultSpec {
  std::vector<Portion<Duration>> delay{};
  std::vector<Portion<int>> error{};       // codes
  double drop_before = 0, drop_after = 0;  // percent, as all without a value
  double wrong = 0, twice = 0;
  std::vector<Portion<Duration>> late{};
  std::vector<Portion<std::uint64_t>> size{};  // bytes
  std::optional<Hang> hang{};
  std::optional<Duration> crash{};  // after this
  std::uint64_t leak_bytes = 0;

  bool operator==(const FaultSpec&) const = default;
  [[nodiscard]] bool none() const { return *this == FaultSpec{}; }
};

// An empty text is no faults. Errors name knob and value and what is allowed, and suggest the
// nearest knob; among them: a list, or all outcomes together, over 100 percent.
Result<FaultSpec> parse_faults(std::string_view text);
// As parse_faults() reads it, in the order above; the same for equal specs, empty for none.
std::string faults_text(const FaultSpec& faults);

// How an injected fault is counted: `delay`, `error_503`, `drop_before`, `drop_after`, `wrong`,
// `twice`, `late`, `size`, `hang`, `crash`, `leak`. In services' reports, run records and here.
std::string error_fault_name(int code);

}  // namespace natsproof
