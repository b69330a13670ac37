// Which planned requests have arrived, and which were answered: two bits for each, so that of a
// request that its asker lost it can be said where it was lost; and who else answered
// (docs/measurement.md, "Gates", `foreign answers`).
//
// A request is known by its reply subject, `_INBOX.<22 letters>.<4 hex digits>.<12 hex digits>`:
// the inbox, which is one of those that begin() has named, and the number at the end, which is
// below the slots it was given. All others are ignored.
//
// The ledger is a file of shared memory, or memory of this process alone. Several processes may
// have the same file open; one that ends or is killed leaves its marks behind. Thread-safe. A mark
// is a comparison and an atomic instruction.
//
// The file has room for two begins: begin() fills the half that is not in use and then switches, so
// that a mark that was on its way into the old one does no harm. It is sparse: what it takes is
// what begin() asks for, twice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace natsproof {

inline constexpr std::size_t kMostLedgerInboxes = 64;
inline constexpr std::uint64_t kMostLedgerSlots = std::uint64_t{256} << 20;  // of all inboxes

struct LedgerPiece {
  std::uint64_t from = 0, count = 0;  // the count is cut at the end of the slots
  std::string arrived, replied;       // bit i of byte i/8, from the lowest, is number from + i
  std::uint64_t again = 0;            // second arrivals since begin(), of the whole ledger
};

class Ledger {
 public:
  // Makes the file if it is not there. Errors: it cannot be opened, or is no ledger; named.
  static Result<std::shared_ptr<Ledger>> open(const std::string& file);
  static Result<std::shared_ptr<Ledger>> in_memory();
  ~Ledger();
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  // Of the file: the same in every process that has it open.
  [[nodiscard]] const std::string& id() const { return id_; }

  // Forgets what there was and takes note of these inboxes, each `_INBOX.<22 letters>.`, with that
  // many numbers each, from 0. The same again changes nothing. Errors: a bad inbox, too many
  // inboxes or slots, no space; then nothing has changed.
  // `seed` is for hash_of().
  Result<void> begin(std::span<const std::string> inboxes, std::uint64_t slots,
                     std::uint64_t seed = 0);

  // A number for a planned request that is the same whenever the same seed was begun with: a hash
  // of the seed, the inbox's place in the list and the request's number. Nothing: it is not known
  // here.
  [[nodiscard]] std::optional<std::uint64_t> hash_of(std::string_view reply_to) const;

  void mark_arrived(std::string_view reply_to);
  void mark_replied(std::string_view reply_to);

  // Nothing: the ledger does not know this inbox.
  [[nodiscard]] std::optional<LedgerPiece> read(std::string_view inbox, std::uint64_t from,
                                                std::uint64_t count) const;
  // How many different requests of that inbox have arrived since begin(), of the first `numbers`.
  // Nothing: the ledger does not know this inbox.
  [[nodiscard]] std::optional<std::uint64_t> taken(std::string_view inbox,
                                                   std::uint64_t numbers) const;

 private:
  struct File;
  struct Half;
  struct Slot;
  explicit Ledger(int descriptor) : descriptor_(descriptor) {}
  static Result<std::shared_ptr<Ledger>> map(int descriptor, const std::string& name);
  Result<void> take_over(const std::string& name);
  [[nodiscard]] Half& half(std::uint64_t epoch) const;
  [[nodiscard]] std::byte* bits(std::uint64_t epoch) const;
  [[nodiscard]] bool find(std::string_view reply_to, Slot& slot) const;

  const int descriptor_;
  File* file_ = nullptr;
  std::string id_;
  std::mutex beginning_;  // of this process's; flock() keeps other processes out
};

}  // namespace natsproof
