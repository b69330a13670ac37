// Work that a service does on request besides its own, before it answers. Written as knobs,
// separated by blanks or `;`:
//
//   delay=150us:10,2ms:5   waits, while other requests go on; a list of values and percentages of
//                          the requests (without one: all of them)
//   delay_per_item=500us   waits that much for every item in the request
//   cpu=50us               keeps its thread busy
//   alloc=64KiB            takes that much memory, writes to every page of it, gives it back
//
// `cliffracer` stands for what an order costs in the Cliffracer suite: fraud 1 ms, rules 2 ms,
// profile 2 ms, reserve 1 ms and save 5 ms, so delay=11ms, and 0.5 ms per item.
// Shared by the services and the load generator.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "models/faults/knobs.h"

namespace natsproof {

struct WorkSpec {
  std::vector<Portion<Duration>> delay{};
  Duration delay_per_item{};
  Duration cpu{};
  std::uint64_t alloc_bytes = 0;

  bool operator==(const WorkSpec&) const = default;
  [[nodiscard]] bool none() const { return *this == WorkSpec{}; }
};

// An empty text is no work. Errors name knob and value and what is allowed, and suggest the nearest
// knob.
Result<WorkSpec> parse_work(std::string_view text);
// As parse_work() reads it, names resolved; the same for equal specs, empty for none.
std::string work_text(const WorkSpec& work);

}  // namespace natsproof
