#include "base/trace_stamps.h"

#include <algorithm>
#include <charconv>
#include <fstream>

namespace natsproof {
namespace {

// Far beyond any uptime and any request, and far from an overflow.
constexpr std::int64_t kMostReceivedNs = std::int64_t{1} << 61;
constexpr std::int64_t kMostOffsetNs = std::int64_t{1} << 60;
constexpr std::string_view kCall = "call";

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '-';
}

void append(std::string& to, std::int64_t number) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  to.append(digits.data(), end);
}

std::optional<std::int64_t> read_number(std::string_view text, std::int64_t least,
                                        std::int64_t most) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (number < least || number > most) return std::nullopt;
  return number;
}

std::optional<Instant> read_offset(std::string_view text, Instant received) {
  const auto offset = read_number(text, -kMostOffsetNs, kMostOffsetNs);
  if (!offset) return std::nullopt;
  return received + Duration{*offset};
}

std::string_view cut(std::string_view& rest, char at) {
  const std::size_t end = std::min(rest.find(at), rest.size());
  const std::string_view first = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return first;
}

bool read_call(std::string_view text, Instant received, TraceStamps& stamps) {
  const std::string_view name = cut(text, ',');
  const std::string_view from = cut(text, ',');
  const auto begun = read_offset(from, received), ended = read_offset(text, received);
  const bool named = !name.empty() && name.size() <= TraceCall::kMostNameBytes &&
                     std::all_of(name.begin(), name.end(), is_name_character);
  if (!named || !begun || !ended) return false;
  if (stamps.call_count == TraceStamps::kMostCalls) return true;
  TraceCall& call = stamps.calls[stamps.call_count++];
  call.set_name(name);
  call.begun = *begun;
  call.ended = *ended;
  return true;
}

}  // namespace

void TraceCall::set_name(std::string_view name) {
  name_size = static_cast<std::uint8_t>(std::min(name.size(), kMostNameBytes));
  std::transform(name.begin(), name.begin() + name_size, name_bytes.begin(),
                 [](char c) { return is_name_character(c) ? c : '_'; });
}

void write_trace_stamps(const TraceStamps& stamps, std::string& to) {
  const Instant received = *stamps.at(TraceStage::received);
  to += stamps.boot_id();
  for (std::size_t stage = 0; stage < kTraceStages; ++stage) {
    // The calls lie between what is before the answer and the answer.
    if (stage == static_cast<std::size_t>(TraceStage::answered)) {
      for (std::size_t i = 0; i < stamps.call_count; ++i) {
        const TraceCall& call = stamps.calls[i];
        to.append(";").append(kCall).append("=").append(call.name()).append(",");
        append(to, (call.begun - received).count());
        to += ',';
        append(to, (call.ended - received).count());
      }
    }
    if (!stamps.stages[stage]) continue;
    to.append(";").append(kTraceStageNames[stage]).append("=");
    const Instant at = *stamps.stages[stage];
    append(to, stage == 0 ? at.time_since_epoch().count() : (at - received).count());
  }
}

std::optional<TraceStamps> read_trace_stamps(std::string_view value) {
  TraceStamps stamps;
  const std::string_view boot = cut(value, ';');
  if (boot.size() != TraceStamps::kBootIdBytes) return std::nullopt;
  std::copy(boot.begin(), boot.end(), stamps.boot_id_bytes.begin());
  std::string_view first = cut(value, ';');
  if (cut(first, '=') != kTraceStageNames[0]) return std::nullopt;
  const auto since_boot = read_number(first, 0, kMostReceivedNs);
  if (!since_boot) return std::nullopt;
  const Instant received{Duration{*since_boot}};
  stamps.set(TraceStage::received, received);
  while (!value.empty()) {
    std::string_view entry = cut(value, ';');
    const std::string_view key = cut(entry, '=');
    if (key == kCall) {
      if (!read_call(entry, received, stamps)) return std::nullopt;
      continue;
    }
    const auto known = std::find(kTraceStageNames.begin() + 1, kTraceStageNames.end(), key);
    if (known == kTraceStageNames.end()) continue;
    const auto at = read_offset(entry, received);
    if (!at) return std::nullopt;
    stamps.stages[static_cast<std::size_t>(known - kTraceStageNames.begin())] = at;
  }
  return stamps;
}

std::string_view boot_id() {
  static const std::string id = [] {
    std::string read;
    std::ifstream file("/proc/sys/kernel/random/boot_id");
    std::getline(file, read);
    return read.size() == TraceStamps::kBootIdBytes ? read : std::string{};
  }();
  return id;
}

}  // namespace natsproof
