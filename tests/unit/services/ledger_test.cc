#include "services/runtime/ledger.h"

#include <cstdlib>
#include <fstream>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace natsproof {
namespace {

using testing::HasSubstr;

const std::string kInboxA = "_INBOX.aaaaaaaaaaaaaaaaaaaaaa.";
const std::string kInboxB = "_INBOX.aaaaaaaaaaaaaaaaaaaaab.";
constexpr std::uint64_t kSlots = 1000;

std::string reply_to(const std::string& inbox, std::uint64_t number, int connection = 0) {
  return fmt::format("{}{:04x}.{:012x}", inbox, connection, number);
}
std::shared_ptr<Ledger> in_memory() {
  auto made = Ledger::in_memory();
  EXPECT_TRUE(made) << made.error().message;
  return *made;
}
// The numbers whose bits are set.
std::vector<std::uint64_t> numbers(const std::string& bits, std::uint64_t from = 0) {
  std::vector<std::uint64_t> set;
  for (std::uint64_t i = 0; i < bits.size() * 8; ++i) {
    if ((bits[i / 8] >> (i % 8) & 1) != 0) set.push_back(from + i);
  }
  return set;
}
std::vector<std::uint64_t> arrived(const Ledger& ledger, const std::string& inbox) {
  const auto piece = ledger.read(inbox, 0, kSlots);
  EXPECT_TRUE(piece);
  return piece ? numbers(piece->arrived) : std::vector<std::uint64_t>{};
}
using Numbers = std::vector<std::uint64_t>;

TEST(LedgerTest, KnowsNothingBeforeItIsBegun) {
  const auto ledger = in_memory();
  ledger->mark_arrived(reply_to(kInboxA, 1));
  EXPECT_FALSE(ledger->read(kInboxA, 0, 10));
  ASSERT_TRUE(ledger->begin(std::vector{kInboxA}, kSlots));
  EXPECT_EQ(arrived(*ledger, kInboxA), Numbers{});
  EXPECT_FALSE(ledger->read(kInboxB, 0, 10));
}

TEST(LedgerTest, MarksEachRequestByInboxAndNumber) {
  const auto ledger = in_memory();
  ASSERT_TRUE(ledger->begin(std::vector{kInboxA, kInboxB}, kSlots));
  for (const std::uint64_t n : {0, 1, 63, 64, 999}) ledger->mark_arrived(reply_to(kInboxA, n));
  ledger->mark_arrived(reply_to(kInboxB, 7, 3));
  ledger->mark_replied(reply_to(kInboxA, 64));
  ledger->mark_replied(reply_to(kInboxB, 8));
  EXPECT_EQ(arrived(*ledger, kInboxA), (Numbers{0, 1, 63, 64, 999}));
  EXPECT_EQ(arrived(*ledger, kInboxB), Numbers{7});
  EXPECT_EQ(numbers(ledger->read(kInboxA, 0, kSlots)->replied), Numbers{64});
  EXPECT_EQ(numbers(ledger->read(kInboxB, 0, kSlots)->replied), Numbers{8});
  EXPECT_EQ(ledger->read(kInboxA, 0, 1)->again, 0);
}

TEST(LedgerTest, CountsWhatArrivesAgain) {
  const auto ledger = in_memory();
  ASSERT_TRUE(ledger->begin(std::vector{kInboxA, kInboxB}, kSlots));
  for (int i = 0; i < 3; ++i) ledger->mark_arrived(reply_to(kInboxA, 5));
  ledger->mark_replied(reply_to(kInboxA, 5));
  ledger->mark_replied(reply_to(kInboxA, 5));
  EXPECT_EQ(ledger->read(kInboxB, 0, 1)->again, 2) << "of the whole ledger";
}

TEST(LedgerTest, CountsWhatItHasTaken) {
  const auto ledger = in_memory();
  EXPECT_EQ(ledger->taken(kInboxA, kSlots), std::nullopt);
  ASSERT_TRUE(ledger->begin(std::vector{kInboxA, kInboxB}, kSlots));
  EXPECT_EQ(ledger->taken(kInboxA, kSlots), 0U);
  for (const std::uint64_t n : {0, 1, 63, 64, 999}) ledger->mark_arrived(reply_to(kInboxA, n));
  ledger->mark_arrived(reply_to(kInboxA, 64));
  ledger->mark_arrived(reply_to(kInboxA, kSlots));
  ledger->mark_arrived(reply_to(kInboxB, 999));
  ledger->mark_replied(reply_to(kInboxA, 2));
  ledger->mark_replied(reply_to(kInboxB, 3));
  EXPECT_EQ(ledger->taken(kInboxA, kSlots), 5U) << "each once, and no replies";
  EXPECT_EQ(ledger->taken(kInboxA, 64), 3U);
  EXPECT_EQ(ledger->taken(kInboxA, 65), 4U);
  EXPECT_EQ(ledger->taken(kInboxB, kSlots), 1U);
  ASSERT_TRUE(ledger->begin(std::vector{kInboxB}, kSlots));
  EXPECT_EQ(ledger->taken(kInboxA, kSlots), std::nullopt);
  EXPECT_EQ(ledger->taken(kInboxB, kSlots), 0U);
  ledger->mark_arrived(reply_to(kInboxB, 999));
  EXPECT_EQ(ledger->taken(kInboxB, kSlots), 1U) << "of the half that is in use";
}

TEST(LedgerTest, IgnoresWhatIsNotPlanned) {
  const auto ledger = in_memory();
  ASSERT_TRUE(ledger->begin(std::vector{kInboxA}, kSlots));
  for (const std::string& subject :
       {reply_to(kInboxA, kSlots), reply_to(kInboxB, 1), std::string{"_INBOX.x"}, std::string{},
        kInboxA + "0000.00000000000g", kInboxA + "000000000000001", kInboxA + "0000-000000000001",
        kInboxA + "00000.000000000001", "x" + reply_to(kInboxA, 1).substr(1)}) {
    ledger->mark_arrived(subject);
    ledger->mark_replied(subject);
  }
  const auto piece = ledger->read(kInboxA, 0, kSlots);
  EXPECT_EQ(numbers(piece->arrived), Numbers{});
  EXPECT_EQ(numbers(piece->replied), Numbers{});
  EXPECT_EQ(piece->again, 0);
}

TEST(LedgerTest, TheFirstNumberBeyondTheSlotsIsNobodysBit) {
  const auto ledger = in_memory();
  ASSERT_TRUE(ledger->begin(std::vector{kInboxA, kInboxB}, 64));
  ledger->mark_arrived(reply_to(kInboxA, 64));
  ledger->mark_replied(reply_to(kInboxA, 64));
  for (const std::string& inbox : {kInboxA, kInboxB}) {
    EXPECT_EQ(numbers(ledger->read(inbox, 0, 64)->arrived), Numbers{});
    EXPECT_EQ(numbers(ledger->read(inbox, 0, 64)->replied), Numbers{});
  }
}

TEST(LedgerTest, IsReadInPieces) {
  const auto ledger = in_memory();
  ASSERT_TRUE(ledger->begin(std::vector{kInboxB, kInboxA}, kSlots));
  Numbers marked;
  for (std::uint64_t n = 0; n < kSlots; n += 1 + n % 7) {
    ledger->mark_arrived(reply_to(kInboxA, n));
    marked.push_back(n);
  }
  for (const std::uint64_t size : {1, 7, 8, 63, 64, 65, 333, 1000, 5000}) {
    Numbers read;
    for (std::uint64_t from = 0; from < kSlots; from += size) {
      const auto piece = ledger->read(kInboxA, from, size);
      EXPECT_EQ(piece->from, from);
      EXPECT_EQ(piece->count, std::min(size, kSlots - from));
      EXPECT_EQ(piece->arrived.size(), (piece->count + 7) / 8);
      const Numbers found = numbers(piece->arrived, from);
      read.insert(read.end(), found.begin(), found.end());
    }
    EXPECT_EQ(read, marked) << size;
  }
  EXPECT_EQ(ledger->read(kInboxA, kSlots, 1)->count, 0);
  EXPECT_EQ(ledger->read(kInboxA, ~std::uint64_t{0}, 1)->count, 0);
}

TEST(LedgerTest, BeginForgetsUnlessItIsTheSame) {
  const auto ledger = in_memory();
  for (int round = 0; round < 4; ++round) {
    const std::string& inbox = round % 2 == 0 ? kInboxA : kInboxB;
    const std::string& other = round % 2 == 0 ? kInboxB : kInboxA;
    ASSERT_TRUE(ledger->begin(std::vector{inbox}, kSlots));
    EXPECT_FALSE(ledger->read(other, 0, 1));
    EXPECT_EQ(arrived(*ledger, inbox), Numbers{}) << round;
    EXPECT_EQ(ledger->read(inbox, 0, 1)->again, 0);
    ledger->mark_arrived(reply_to(other, 3));
    ledger->mark_arrived(reply_to(inbox, 4));
    ledger->mark_arrived(reply_to(inbox, 4));
    ASSERT_TRUE(ledger->begin(std::vector{inbox}, kSlots));
    EXPECT_EQ(arrived(*ledger, inbox), Numbers{4});
    EXPECT_EQ(ledger->read(inbox, 0, 1)->again, 1);
  }
  ASSERT_TRUE(ledger->begin(std::vector{kInboxB}, kSlots + 1)) << "other slots are another one";
  EXPECT_EQ(arrived(*ledger, kInboxB), Numbers{});
}

TEST(LedgerTest, HasBounds) {
  const auto ledger = in_memory();
  const auto refusal = [&](const std::vector<std::string>& inboxes, std::uint64_t slots) {
    const auto begun = ledger->begin(inboxes, slots);
    EXPECT_FALSE(begun);
    return begun ? "" : begun.error().message;
  };
  EXPECT_THAT(refusal({"_INBOX.short."}, 1), HasSubstr("_INBOX.short."));
  EXPECT_THAT(refusal({"_INBOX.aaaaaaaaaaa.aaaaaaaaaa."}, 1), HasSubstr("22 letters"));
  EXPECT_THAT(refusal({}, 1), HasSubstr("1 to 64"));
  EXPECT_THAT(refusal(std::vector(65, kInboxA), 1), HasSubstr("65 inboxes"));
  EXPECT_THAT(refusal({kInboxA}, 0), HasSubstr("0 slots"));
  EXPECT_THAT(refusal({kInboxA, kInboxB}, kMostLedgerSlots / 2 + 1), HasSubstr("268435456"));
  EXPECT_THAT(refusal({kInboxA}, ~std::uint64_t{0}), HasSubstr("268435456"));
}

TEST(LedgerTest, ManyThreadsLoseNothing) {
  const auto ledger = in_memory();
  ASSERT_TRUE(ledger->begin(std::vector{kInboxA}, kSlots));
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 4; ++t) {
    threads.emplace_back([&ledger, t] {
      for (std::uint64_t n = t; n < kSlots; n += 4) ledger->mark_arrived(reply_to(kInboxA, n));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(arrived(*ledger, kInboxA).size(), kSlots);
}

class LedgerFile : public testing::Test {
 protected:
  LedgerFile() {
    folder_ = testing::TempDir() + "ledger-XXXXXX";
    EXPECT_NE(mkdtemp(folder_.data()), nullptr);
    file_ = folder_ + "/ledger";
  }
  ~LedgerFile() override {
    unlink(file_.c_str());
    rmdir(folder_.c_str());
  }
  std::shared_ptr<Ledger> open() {
    auto opened = Ledger::open(file_);
    EXPECT_TRUE(opened) << opened.error().message;
    return opened ? *opened : nullptr;
  }
  std::string folder_, file_;
};

TEST_F(LedgerFile, IsSharedByAllWhoHaveItOpen) {
  const auto one = open(), two = open();
  EXPECT_EQ(one->id(), two->id());
  EXPECT_NE(one->id(), in_memory()->id());
  ASSERT_TRUE(one->begin(std::vector{kInboxA}, kSlots));
  ASSERT_TRUE(two->begin(std::vector{kInboxA}, kSlots)) << "the same again";
  one->mark_arrived(reply_to(kInboxA, 1));
  two->mark_arrived(reply_to(kInboxA, 2));
  two->mark_arrived(reply_to(kInboxA, 1));
  EXPECT_EQ(arrived(*two, kInboxA), (Numbers{1, 2}));
  EXPECT_EQ(one->read(kInboxA, 0, 1)->again, 1);
  // A new begin is noticed by who has not made it.
  ASSERT_TRUE(two->begin(std::vector{kInboxB}, 2 * kSlots));
  one->mark_arrived(reply_to(kInboxA, 5));
  one->mark_arrived(reply_to(kInboxB, kSlots + 5));
  EXPECT_FALSE(one->read(kInboxA, 0, 1));
  EXPECT_EQ(numbers(two->read(kInboxB, 0, 2 * kSlots)->arrived), Numbers{kSlots + 5});
}

TEST_F(LedgerFile, KeepsTheMarksOfAProcessThatIsKilled) {
  const auto ledger = open();
  ASSERT_TRUE(ledger->begin(std::vector{kInboxA}, kSlots));
  const pid_t child = fork();
  if (child == 0) {
    const auto own = Ledger::open(file_);
    if (own) (*own)->mark_arrived(reply_to(kInboxA, 77));
    abort();
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(arrived(*ledger, kInboxA), Numbers{77});
  EXPECT_EQ(arrived(*open(), kInboxA), Numbers{77}) << "and who comes later sees it";
}

TEST_F(LedgerFile, MayBeThereAlreadyWithoutContents) {
  for (const int bytes : {0, 100, 300 << 20}) {
    std::ofstream(file_).close();
    ASSERT_EQ(truncate(file_.c_str(), bytes), 0);
    const auto ledger = open();
    ASSERT_TRUE(ledger->begin(std::vector{kInboxA}, kSlots));
    ledger->mark_arrived(reply_to(kInboxA, 1));
    EXPECT_EQ(arrived(*open(), kInboxA), Numbers{1});
  }
}

TEST_F(LedgerFile, IsNotAnyFile) {
  std::ofstream(file_) << "something else";
  const auto opened = Ledger::open(file_);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message, HasSubstr(file_));
  EXPECT_THAT(opened.error().message, HasSubstr("is no ledger"));
  const auto nowhere = Ledger::open(folder_ + "/none/ledger");
  ASSERT_FALSE(nowhere);
  EXPECT_THAT(nowhere.error().message, HasSubstr("No such file or directory"));
}

TEST(Ledger, HashesFollowFromTheSeedAndNotFromTheNameOfTheInbox) {
  const auto ledger = in_memory();
  EXPECT_EQ(ledger->hash_of(reply_to(kInboxA, 1)), std::nullopt);
  const auto hashes = [&](std::vector<std::string> inboxes, std::uint64_t seed) {
    EXPECT_TRUE(ledger->begin(inboxes, kSlots, seed));
    std::vector<std::uint64_t> of;
    for (const std::string& inbox : inboxes) {
      for (const std::uint64_t number : {0, 1, 999}) {
        of.push_back(ledger->hash_of(reply_to(inbox, number)).value_or(0));
      }
    }
    return of;
  };
  const auto first = hashes({kInboxA, kInboxB}, 7);
  EXPECT_EQ(std::set<std::uint64_t>(first.begin(), first.end()).size(), 6U);
  EXPECT_EQ(hashes({kInboxB, kInboxA}, 7), first);
  EXPECT_NE(hashes({kInboxA, kInboxB}, 8), first);
  EXPECT_EQ(ledger->hash_of(reply_to(kInboxA, kSlots)), std::nullopt);
}

}  // namespace
}  // namespace natsproof
