#include "services/runtime/faults.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

#include "base/random.h"
#include "messaging/subject.h"

namespace natsproof {
namespace {

constexpr std::uint64_t kSeed = 0x6e617473;  // any, and the same for all
constexpr std::size_t kPage = 4096;

// What one request draws: independent numbers for what is independent.
enum class Draw : std::uint64_t { outcome = 1, delay = 2, work = 3 };

// 0 to 100.
double draw_percent(std::uint64_t request, Draw what) {
  return Random(mix64(request + static_cast<std::uint64_t>(what))).uniform() * 100;
}

// Whether the draw falls into this share; if not, moves on to the next one.
bool falls_into(double percent, double& drawn) {
  if (drawn < percent) return true;
  drawn -= percent;
  return false;
}
template <typename T>
const Portion<T>* falls_into_one(const std::vector<Portion<T>>& portions, double& drawn) {
  for (const Portion<T>& portion : portions) {
    if (falls_into(portion.percent, drawn)) return &portion;
  }
  return nullptr;
}

Fate draw_outcome(const FaultSpec& faults, double drawn) {
  if (const auto* error = falls_into_one(faults.error, drawn)) {
    return {.outcome = Outcome::error, .code = error->value};
  }
  if (falls_into(faults.drop_before, drawn)) return {.outcome = Outcome::drop_before};
  if (falls_into(faults.drop_after, drawn)) return {.outcome = Outcome::drop_after};
  if (falls_into(faults.wrong, drawn)) return {.outcome = Outcome::wrong};
  if (falls_into(faults.twice, drawn)) return {.outcome = Outcome::twice};
  if (const auto* late = falls_into_one(faults.late, drawn)) {
    return {.outcome = Outcome::late, .late = late->value};
  }
  if (const auto* size = falls_into_one(faults.size, drawn)) {
    return {.outcome = Outcome::size, .size_bytes = size->value};
  }
  return {};
}

Duration draw_delay(const std::vector<Portion<Duration>>& delays, std::uint64_t request,
                    Draw what) {
  if (delays.empty()) return Duration::zero();
  double drawn = draw_percent(request, what);
  const auto* delay = falls_into_one(delays, drawn);
  return delay == nullptr ? Duration::zero() : delay->value;
}

void touch(char* memory, std::uint64_t bytes) {
  for (std::uint64_t at = 0; at < bytes; at += kPage) {
    *const_cast<volatile char*>(memory + at) = 1;
  }
}

}  // namespace

std::optional<std::uint64_t> request_hash(std::string_view reply_to) {
  const Sequence sequence = sequence_of_reply(reply_to);
  if (sequence == kNoSequence) return std::nullopt;
  std::uint64_t hash = mix64(kSeed ^ sequence);
  std::string_view inbox = reply_to.substr(0, reply_to.size() - kSequenceDigits);
  while (!inbox.empty()) {
    std::uint64_t letters = 0;
    const std::size_t count = std::min(inbox.size(), sizeof letters);
    std::memcpy(&letters, inbox.data(), count);
    hash = mix64(hash ^ letters);
    inbox.remove_prefix(count);
  }
  return hash;
}

DrawnFaults draw_faults(const FaultSpec& faults, std::uint64_t request) {
  return {.fate = draw_outcome(faults, draw_percent(request, Draw::outcome)),
          .delay = draw_delay(faults.delay, request, Draw::delay)};
}

Duration draw_work_delay(const WorkSpec& work, std::uint64_t request) {
  return draw_delay(work.delay, request, Draw::work);
}

std::map<std::string, std::uint64_t> InjectedCounts::all() const {
  std::map<std::string, std::uint64_t> named = counts_;
  for (const auto& [code, count] : errors_) named[error_fault_name(code)] = count;
  return named;
}

const Result<FaultSpec>& HeaderFaults::of(std::string_view text) {
  constexpr std::size_t kMostTexts = 64;
  const auto found = read_.find(text);
  if (found != read_.end()) return found->second;
  if (read_.size() >= kMostTexts) read_.clear();
  Result<FaultSpec> faults = parse_faults(text);
  if (faults && (faults->hang || faults->crash)) {
    faults = Error{
        "hang and crash are for an instance, not for one request: set them on the "
        "control subject"};
  }
  return read_.emplace(text, std::move(faults)).first->second;
}

void leak_memory(std::uint64_t bytes) {
  // In a list, for what can be reached is no mistake to those who look for leaks.
  static std::atomic<void*> last{nullptr};
  if (bytes == 0) return;
  auto* const memory =
      static_cast<char*>(std::malloc(std::max<std::uint64_t>(bytes, sizeof(void*))));
  if (memory == nullptr) return;
  touch(memory, bytes);
  void* before = last.exchange(memory);
  std::memcpy(memory, &before, sizeof before);
}

void do_work_now(const WorkSpec& work) {
  if (work.alloc_bytes != 0) {
    const std::unique_ptr<char[]> memory{new (std::nothrow) char[work.alloc_bytes]};
    if (memory != nullptr) touch(memory.get(), work.alloc_bytes);
  }
  if (work.cpu != Duration::zero()) {
    const SteadyClock clock;
    for (const Instant until = clock.now() + work.cpu; clock.now() < until;) {
    }
  }
}

}  // namespace natsproof
