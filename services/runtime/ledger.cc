#include "services/runtime/ledger.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cerrno>
#include <cstring>
#include <random>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/random.h"
#include "messaging/subject.h"

namespace natsproof {
namespace {

using Word = std::atomic<std::uint64_t>;
static_assert(Word::is_always_lock_free, "or other processes could not use it");

constexpr std::uint64_t kMagic = 0x327265676465'6c6eULL;  // begins with `nledger2`
constexpr std::string_view kInboxStart = "_INBOX.";
constexpr std::size_t kInboxLetters = 22;
constexpr std::size_t kInboxBytes = kInboxStart.size() + kInboxLetters + 1;
constexpr std::size_t kReplySubjectBytes = kInboxBytes + kConnectionDigits + 1 + kSequenceDigits;

constexpr std::size_t kWordBits = 64;
// Of one inbox's bits of one kind.
constexpr std::uint64_t words_of(std::uint64_t slots) {
  return (slots + kWordBits - 1) / kWordBits;
}

constexpr std::size_t kMapPage = 4096;
constexpr std::size_t kHeaderBytes = 2 * kMapPage;
// Both kinds of bits, and up to a word more for each inbox.
constexpr std::size_t kHalfBytes = 2 * (kMostLedgerSlots / 8 + kMostLedgerInboxes * sizeof(Word));
constexpr std::size_t kHalfStride = (kHalfBytes + kMapPage - 1) / kMapPage * kMapPage;
constexpr std::size_t kFileBytes = kHeaderBytes + 2 * kHalfStride;

bool is_inbox(std::string_view text) {
  return text.size() == kInboxBytes && text.starts_with(kInboxStart) && text.back() == '.' &&
         std::all_of(text.begin() + kInboxStart.size(), text.end() - 1, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
         });
}

std::string words_of_errno() {
  return std::generic_category().message(errno);
}

// For as long as it lives no other process has it.
class FileLock {
 public:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {
    while (flock(descriptor_, LOCK_EX) != 0 && errno == EINTR) {
    }
  }
  ~FileLock() { flock(descriptor_, LOCK_UN); }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  const int descriptor_;
};

// Bits `from` to `from + count` of `words`, moved to the beginning.
std::string copy_bits(const Word* words, std::uint64_t from, std::uint64_t count) {
  const std::uint64_t first = from / kWordBits, last = words_of(from + count);
  const unsigned shift = from % kWordBits;
  std::string bytes;
  bytes.reserve((last - first + 1) * sizeof(Word));
  for (std::uint64_t i = first; i < last; ++i) {
    std::uint64_t word = words[i].load(std::memory_order_relaxed) >> shift;
    if (shift != 0 && i + 1 < last) {
      word |= words[i + 1].load(std::memory_order_relaxed) << (kWordBits - shift);
    }
    for (unsigned byte = 0; byte < sizeof word; ++byte) {
      bytes += static_cast<char>(word >> (8 * byte) & 0xff);
    }
  }
  bytes.resize((count + 7) / 8);
  if (count % 8 != 0) bytes.back() = static_cast<char>(bytes.back() & ((1 << count % 8) - 1));
  return bytes;
}

}  // namespace

struct Ledger::Half {
  std::uint64_t slots = 0;
  std::uint64_t inbox_count = 0;
  std::uint64_t seed = 0;
  Word again{0};
  std::array<std::array<char, kInboxBytes>, kMostLedgerInboxes> inboxes{};
};

struct Ledger::File {
  std::uint64_t magic = 0;
  std::uint64_t id = 0;
  Word epoch{0};  // how often it was begun; 0: not yet
  std::array<Half, 2> halves{};
};

struct Ledger::Slot {
  Half* half;
  std::uint64_t inbox, number;
  Word *arrived, *replied;  // the words it is in
  std::uint64_t bit;
};

Result<std::shared_ptr<Ledger>> Ledger::open(const std::string& file) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return Error{fmt::format("the ledger {} cannot be opened: {}", file, words_of_errno())};
  }
  return map(descriptor, file);
}

Result<std::shared_ptr<Ledger>> Ledger::in_memory() {
  const int descriptor = memfd_create("natsproof-ledger", MFD_CLOEXEC);
  if (descriptor < 0) {
    return Error{fmt::format("no memory for a ledger: {}", words_of_errno())};
  }
  return map(descriptor, "in memory");
}

Result<std::shared_ptr<Ledger>> Ledger::map(int descriptor, const std::string& name) {
  std::shared_ptr<Ledger> ledger{new Ledger(descriptor)};
  if (auto taken = ledger->take_over(name); !taken) return taken.error();
  return ledger;
}

Result<void> Ledger::take_over(const std::string& name) {
  static_assert(sizeof(File) <= kHeaderBytes);
  const FileLock lock(descriptor_);
  // Whoever made the file may have given it a size, but nothing else.
  std::uint64_t magic = 0;
  const ssize_t has = pread(descriptor_, &magic, sizeof magic, 0);
  if (has < 0 || (magic != 0 && magic != kMagic)) {
    return Error{
        fmt::format("{} is no ledger: it does not begin like one; name a file that is not "
                    "there yet",
                    name)};
  }
  if (lseek(descriptor_, 0, SEEK_END) < static_cast<off_t>(kFileBytes) &&
      (ftruncate(descriptor_, kFileBytes) != 0 ||
       posix_fallocate(descriptor_, 0, kHeaderBytes) != 0)) {
    return Error{fmt::format("the ledger {} cannot be made: {}", name, words_of_errno())};
  }
  void* const mapped =
      mmap(nullptr, kFileBytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, descriptor_, 0);
  if (mapped == MAP_FAILED) {
    return Error{fmt::format("the ledger {} cannot be mapped: {}", name, words_of_errno())};
  }
  // Zeroed memory is such a File; see its members.
  file_ = static_cast<File*>(mapped);
  if (file_->magic == 0) {
    std::random_device device;
    file_->id = std::uint64_t{device()} << 32 | device();
    file_->magic = kMagic;
  }
  id_ = fmt::format("{:016x}", file_->id);
  return {};
}

Ledger::~Ledger() {
  if (file_ != nullptr) munmap(file_, kFileBytes);
  close(descriptor_);
}

Ledger::Half& Ledger::half(std::uint64_t epoch) const {
  return file_->halves[epoch % 2];
}

std::byte* Ledger::bits(std::uint64_t epoch) const {
  return reinterpret_cast<std::byte*>(file_) + kHeaderBytes + epoch % 2 * kHalfStride;
}

Result<void> Ledger::begin(std::span<const std::string> inboxes, std::uint64_t slots,
                           std::uint64_t seed) {
  for (const std::string& inbox : inboxes) {
    if (is_inbox(inbox)) continue;
    return Error{fmt::format("inbox \"{}\" is not like _INBOX.<{} letters>.", inbox.substr(0, 100),
                             kInboxLetters)};
  }
  if (inboxes.empty() || inboxes.size() > kMostLedgerInboxes) {
    return Error{
        fmt::format("{} inboxes: 1 to {} are allowed", inboxes.size(), kMostLedgerInboxes)};
  }
  if (slots == 0 || slots > kMostLedgerSlots / inboxes.size()) {
    return Error{fmt::format("{} slots for each of {} inboxes: 1 to {} together are allowed", slots,
                             inboxes.size(), kMostLedgerSlots)};
  }
  const std::lock_guard here(beginning_);
  const FileLock lock(descriptor_);
  const std::uint64_t epoch = file_->epoch.load(std::memory_order_relaxed);
  const auto is_same = [&](const Half& begun) {
    return begun.slots == slots && begun.seed == seed && begun.inbox_count == inboxes.size() &&
           std::equal(inboxes.begin(), inboxes.end(), begun.inboxes.begin(),
                      [](const std::string& a, const auto& b) {
                        return a == std::string_view(b.data(), b.size());
                      });
  };
  if (epoch != 0 && is_same(half(epoch))) return {};

  const std::uint64_t next = epoch + 1;
  const auto at = static_cast<off_t>(bits(next) - reinterpret_cast<std::byte*>(file_));
  const auto bytes = static_cast<off_t>(inboxes.size() * 2 * words_of(slots) * sizeof(Word));
  const bool is_zero =
      fallocate(descriptor_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, at, kHalfStride) == 0;
  // What is not reserved now would be a SIGBUS at a mark, where memory or the disk is full.
  if (const int refused = posix_fallocate(descriptor_, at, bytes); refused != 0) {
    return Error{fmt::format("no space for the {} bytes of {} slots for each of {} inboxes: {}",
                             bytes, slots, inboxes.size(),
                             std::generic_category().message(refused))};
  }
  if (!is_zero) std::memset(bits(next), 0, static_cast<std::size_t>(bytes));
  Half& begun = half(next);
  begun.slots = slots;
  begun.inbox_count = inboxes.size();
  begun.seed = seed;
  begun.again.store(0, std::memory_order_relaxed);
  for (std::size_t i = 0; i < inboxes.size(); ++i) {
    std::copy(inboxes[i].begin(), inboxes[i].end(), begun.inboxes[i].begin());
  }
  file_->epoch.store(next, std::memory_order_release);
  return {};
}

bool Ledger::find(std::string_view reply_to, Slot& slot) const {
  const std::uint64_t epoch = file_->epoch.load(std::memory_order_acquire);
  if (epoch == 0 || reply_to.size() != kReplySubjectBytes) return false;
  Half& begun = half(epoch);
  for (std::uint64_t i = 0; i < begun.inbox_count; ++i) {
    if (std::memcmp(reply_to.data(), begun.inboxes[i].data(), kInboxBytes) != 0) continue;
    const Sequence number = sequence_of_reply(reply_to);
    if (number >= begun.slots) return false;  // or none: kNoSequence
    const std::uint64_t words = words_of(begun.slots);
    auto* const arrived = reinterpret_cast<Word*>(bits(epoch)) + 2 * i * words + number / kWordBits;
    slot = {.half = &begun,
            .inbox = i,
            .number = number,
            .arrived = arrived,
            .replied = arrived + words,
            .bit = std::uint64_t{1} << number % kWordBits};
    return true;
  }
  return false;
}

std::optional<std::uint64_t> Ledger::hash_of(std::string_view reply_to) const {
  Slot slot{};
  if (!find(reply_to, slot)) return std::nullopt;
  return mix64(mix64(mix64(slot.half->seed) ^ slot.inbox) ^ slot.number);
}

void Ledger::mark_arrived(std::string_view reply_to) {
  Slot slot{};
  if (!find(reply_to, slot)) return;
  const std::uint64_t before = slot.arrived->fetch_or(slot.bit, std::memory_order_relaxed);
  if ((before & slot.bit) != 0) slot.half->again.fetch_add(1, std::memory_order_relaxed);
}

void Ledger::mark_replied(std::string_view reply_to) {
  Slot slot{};
  if (find(reply_to, slot)) slot.replied->fetch_or(slot.bit, std::memory_order_relaxed);
}

std::optional<LedgerPiece> Ledger::read(std::string_view inbox, std::uint64_t from,
                                        std::uint64_t count) const {
  const std::uint64_t epoch = file_->epoch.load(std::memory_order_acquire);
  if (epoch == 0 || inbox.size() != kInboxBytes) return std::nullopt;
  const Half& begun = half(epoch);
  for (std::uint64_t i = 0; i < begun.inbox_count; ++i) {
    if (inbox != std::string_view(begun.inboxes[i].data(), kInboxBytes)) continue;
    LedgerPiece piece;
    piece.from = from;
    piece.count = from >= begun.slots ? 0 : std::min(count, begun.slots - from);
    const std::uint64_t words = words_of(begun.slots);
    const auto* const arrived = reinterpret_cast<const Word*>(bits(epoch)) + 2 * i * words;
    if (piece.count > 0) {
      piece.arrived = copy_bits(arrived, from, piece.count);
      piece.replied = copy_bits(arrived + words, from, piece.count);
    }
    piece.again = begun.again.load(std::memory_order_relaxed);
    return piece;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> Ledger::taken(std::string_view inbox, std::uint64_t numbers) const {
  const auto piece = read(inbox, 0, numbers);
  if (!piece) return std::nullopt;
  std::uint64_t taken = 0;
  for (const char bits : piece->arrived)
    taken += static_cast<std::uint64_t>(std::popcount(static_cast<unsigned char>(bits)));
  return taken;
}

}  // namespace natsproof
