#include <deque>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "messaging/wire/outbox.h"

namespace natsproof {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<Sequence> write(Outbox& outbox, std::size_t count) {
  std::vector<Sequence> sent;
  outbox.wrote(count, [&](Sequence sequence) { sent.push_back(sequence); });
  return sent;
}

TEST(Outbox, ARequestIsSentWithItsLastByte) {
  Outbox outbox;
  outbox.append("aaaa");
  outbox.mark(1);
  outbox.append("xx");  // no request
  outbox.append("bbbb");
  outbox.mark(2);
  EXPECT_THAT(write(outbox, 3), IsEmpty());
  EXPECT_THAT(write(outbox, 1), ElementsAre(1));
  EXPECT_THAT(write(outbox, 5), IsEmpty());
  EXPECT_EQ(outbox.unwritten(), "b");
  EXPECT_THAT(write(outbox, 1), ElementsAre(2));
  EXPECT_EQ(outbox.size(), 0u);
}

TEST(Outbox, MayGrowFromWithinTheReport) {
  Outbox outbox;
  outbox.append("a");
  outbox.mark(1);
  std::vector<Sequence> sent;
  outbox.wrote(1, [&](Sequence sequence) {
    sent.push_back(sequence);
    if (sequence == 1) {
      outbox.append("b");
      outbox.mark(2);
    }
  });
  EXPECT_THAT(sent, ElementsAre(1));
  EXPECT_EQ(outbox.unwritten(), "b");
  EXPECT_THAT(write(outbox, 1), ElementsAre(2));
}

// Against a model: a queue of bytes, each with the sequence it completes.
TEST(Outbox, KeepsBytesAndMarksInOrderWhateverTheSizes) {
  Random random(1);
  Outbox outbox;
  std::string bytes;
  std::deque<std::size_t> ends;  // of request i, in bytes from the first
  std::size_t appended = 0, written = 0, next_sent = 0;
  for (int round = 0; round < 20'000; ++round) {
    const std::string frame(1 + random.below(300), static_cast<char>('a' + round % 26));
    char* const at = outbox.append(frame);
    ASSERT_EQ(std::string_view(at, frame.size()), frame);
    *at = '!';  // patched in place, like digits
    outbox.mark(ends.size());
    bytes += '!' + frame.substr(1);
    appended += frame.size();
    ends.push_back(appended);
    const std::size_t count = random.below(outbox.size() + 1);
    ASSERT_EQ(outbox.unwritten(), std::string_view(bytes).substr(written));
    for (const Sequence sequence : write(outbox, count)) ASSERT_EQ(sequence, next_sent++);
    written += count;
    ASSERT_TRUE(next_sent == 0 || ends[next_sent - 1] <= written);
    ASSERT_TRUE(next_sent == ends.size() || ends[next_sent] > written);
  }
}

}  // namespace
}  // namespace natsproof
