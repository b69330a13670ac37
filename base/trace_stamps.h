// What a service tells of the stages of one request, as the value of one header.
//
// A request with the header `Natsproof-Trace: 1` asks for it. The reply's header of the same name
// has the stages in this order, those that there were:
//
//   Natsproof-Trace: <boot id>;received=812345678901234;begun=1200;handled=1450;decoded=2210;
//     validated=3050;call=fraud,3300,180250;answered=181000;encoded=182100;released=1182400
//
// (in one line, without blanks). `received` is CLOCK_MONOTONIC in ns; everything else is ns after
// `received`, and may be negative. The boot id is that of /proc/sys/kernel/random/boot_id: clocks
// are compared only where it is the same. A reader passes over stages that it does not know.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace natsproof {

inline constexpr std::string_view kTraceHeader = "Natsproof-Trace";
inline constexpr std::string_view kTraceWanted = "1";  // its value in a request

enum class TraceStage : std::uint8_t {
  received,   // the client library had the request; read together with others: all of these
  begun,      // the service turned to it
  handled,    // its handler was called: after work and faults that the service was told to have
  decoded,    // it is a message
  validated,  // and keeps the rules
  answered,   // the answer is known
  encoded,    // and is bytes
  released,   // held back until now by work or faults that the service was told to have
};
inline constexpr std::size_t kTraceStages = 8;
inline constexpr std::array<std::string_view, kTraceStages> kTraceStageNames = {
    "received", "begun", "handled", "decoded", "validated", "answered", "encoded", "released"};

// The time in which one or several calls to the same neighbour were under way without a gap.
struct TraceCall {
  static constexpr std::size_t kMostNameBytes = 24;
  std::array<char, kMostNameBytes> name_bytes{};
  std::uint8_t name_size = 0;
  Instant begun{}, ended{};

  // Cut to kMostNameBytes; of other characters than A-Z a-z 0-9 _ . - nothing but `_` is left.
  void set_name(std::string_view name);
  [[nodiscard]] std::string_view name() const { return {name_bytes.data(), name_size}; }
};

// Plain data of a fixed size.
struct TraceStamps {
  static constexpr std::size_t kMostCalls = 8;  // more of them are not told
  static constexpr std::size_t kBootIdBytes = 36;
  std::array<char, kBootIdBytes> boot_id_bytes{};
  std::array<std::optional<Instant>, kTraceStages> stages{};
  std::array<TraceCall, kMostCalls> calls{};  // by their beginning
  std::size_t call_count = 0;

  [[nodiscard]] std::string_view boot_id() const { return {boot_id_bytes.data(), kBootIdBytes}; }
  [[nodiscard]] std::optional<Instant> at(TraceStage stage) const {
    return stages[static_cast<std::size_t>(stage)];
  }
  void set(TraceStage stage, Instant at) { stages[static_cast<std::size_t>(stage)] = at; }
};

// No value is longer: a boot id, `received` and seven stages, and the calls; numbers of 20 places.
inline constexpr std::size_t kMostTraceBytes =
    TraceStamps::kBootIdBytes + kTraceStages * (1 + 9 + 1 + 20) +
    TraceStamps::kMostCalls * (6 + TraceCall::kMostNameBytes + 2 * (1 + 20));

// As the header's value; begins with the boot id of `stamps`. REQUIRES: `received` is there.
void write_trace_stamps(const TraceStamps& stamps, std::string& to);
// Nothing: that is no such value. Whatever the bytes are, instants lie within 292 years of the
// clock's beginning, and later sums and differences of two of them do not overflow.
std::optional<TraceStamps> read_trace_stamps(std::string_view value);

// Of this host's kernel, read once; empty where it cannot be read. Any thread.
std::string_view boot_id();

}  // namespace natsproof
