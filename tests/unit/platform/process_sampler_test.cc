#include "loadgen/platform/process_sampler.h"

#include <filesystem>
#include <fstream>
#include <limits>
#include <random>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace natsproof {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string stat_text(const std::string& name, char state, std::uint64_t user, std::uint64_t system,
                      std::uint64_t threads, std::uint64_t start) {
  return fmt::format(
      "4711 ({}) {} 1 4711 4711 0 -1 4194304 2233 0 12 0 {} {} 7 8 20 0 {} 0 {} 123456789 2500 "
      "18446744073709551615 1 1 0\n",
      name, state, user, system, threads, start);
}

TEST(ParseProcessStat, ReadsWhatProc5Says) {
  const auto stat = parse_process_stat(stat_text("nats-server", 'S', 150, 50, 9, 777), 100);
  ASSERT_TRUE(stat);
  EXPECT_EQ(stat->name, "nats-server");
  EXPECT_EQ(stat->state, 'S');
  EXPECT_EQ(stat->cpu, 2s);
  EXPECT_EQ(stat->threads, 9U);
  EXPECT_EQ(stat->start_ticks, 777U);
  EXPECT_EQ(parse_process_stat(stat_text("x", 'R', 1, 0, 1, 1), 100)->cpu, 10ms);
  EXPECT_EQ(parse_process_stat(stat_text("x", 'R', 1, 0, 1, 1), 1024)->cpu, Duration{976'562});
}

TEST(ParseProcessStat, TakesNamesWithBlanksAndParentheses) {
  const auto stat = parse_process_stat(stat_text("a) R 1 (b", 'S', 3, 4, 5, 6), 100);
  ASSERT_TRUE(stat);
  EXPECT_EQ(stat->name, "a) R 1 (b");
  EXPECT_EQ(stat->cpu, 70ms);
}

TEST(ParseProcessStat, RefusesEveryCutBeforeTheLastFigureItNeeds) {
  const std::string whole = stat_text("echo", 'S', 150, 50, 9, 777);
  const std::size_t needed = whole.find(" 777 ") + 5;
  for (std::size_t length = 0; length < needed - 1; ++length)
    EXPECT_FALSE(parse_process_stat(std::string_view(whole).substr(0, length), 100)) << length;
  EXPECT_TRUE(parse_process_stat(std::string_view(whole).substr(0, needed), 100));
}

TEST(ParseProcessStat, RefusesGarbageAndHugeFigures) {
  for (const char* text : {"", "(", ")", ")(", "1 () S", "4711 (x) SS 1 2 3",
                           "4711 (x) S 1 1 1 0 -1 0 0 0 0 0 -5 1 0 0 20 0 1 0 1 0\n",
                           "4711 (x) S 1 1 1 0 -1 0 0 0 0 0 1x 1 0 0 20 0 1 0 1 0\n"})
    EXPECT_FALSE(parse_process_stat(text, 100)) << text;
  const auto huge = std::numeric_limits<std::uint64_t>::max();
  EXPECT_FALSE(parse_process_stat(stat_text("x", 'S', huge, huge, 1, 1), 100));
  EXPECT_FALSE(parse_process_stat(stat_text("x", 'S', 1'000'000'000'000'000, 0, 1, 1), 1));
  EXPECT_TRUE(parse_process_stat(stat_text("x", 'S', 100'000'000'000, 0, 1, 1), 100));
}

TEST(ParseResident, ReadsTheSecondFigureOnly) {
  EXPECT_EQ(parse_resident("7788 2500 900 10 0 1200 0\n", 4096), 2500U * 4096);
  EXPECT_EQ(parse_resident("7788 0 900\n", 4096), 0U);
  for (const char* text : {"", "\n", "7788", "7788 25", "7788 x 900", "7788 -1 900",
                           "7788 99999999999999999999 1\n", "7788 17592186044417 1\n"})
    EXPECT_FALSE(parse_resident(text, 4096)) << text;
}

TEST(ParseSwitches, WantsBothWhole) {
  const std::string status =
      "Name:\techo\nvoluntary_ctxt_switches:\t150\nnonvoluntary_ctxt_switches:\t3\n";
  const auto switches = parse_switches(status);
  ASSERT_TRUE(switches);
  EXPECT_EQ(switches->voluntary, 150U);
  EXPECT_EQ(switches->involuntary, 3U);
  for (std::size_t length = 0; length < status.size(); ++length)
    EXPECT_FALSE(parse_switches(std::string_view(status).substr(0, length))) << length;
  EXPECT_FALSE(parse_switches("voluntary_ctxt_switches:\t-1\nnonvoluntary_ctxt_switches:\t3\n"));
  EXPECT_FALSE(parse_switches("voluntary_ctxt_switches:\nnonvoluntary_ctxt_switches:\t3\n"));
  EXPECT_FALSE(parse_switches(
      "voluntary_ctxt_switches:\t99999999999999999999999\nnonvoluntary_ctxt_switches:\t3\n"));
}

TEST(Parsers, TakeAnyBytes) {
  std::mt19937_64 generator(5);
  const std::string seeds[] = {stat_text("a b", 'S', 150, 50, 9, 777), "7788 2500 900 10 0 1 0\n",
                               "voluntary_ctxt_switches:\t1\nnonvoluntary_ctxt_switches:\t3\n",
                               "  sl\n   0: 0100007F:1F90 00000000:0000 0A 0:0 0:0 0 0 0 55 1\n"};
  for (int i = 0; i < 4000; ++i) {
    std::string text = seeds[generator() % 4];
    for (int change = 0; change < 3; ++change)
      text[generator() % text.size()] = static_cast<char>(generator());
    text.resize(generator() % (text.size() + 1));
    (void)parse_process_stat(text, 100);
    (void)parse_resident(text, 4096);
    (void)parse_switches(text);
    (void)parse_listening_inodes(text, 8080);
  }
}

TEST(ParseListeningInodes, FindsThePortOfEitherFamilyAndNobodyElse) {
  const std::string tcp =
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
      "inode\n"
      "   0: 0100007F:107E 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 "
      "4711 1 0\n"
      "   1: 0100007F:107E 0100007F:D431 01 00000000:00000000 00:00000000 00000000     0        0 "
      "4712 1 0\n"
      "   2: 00000000000000000000000000000000:107E 00000000000000000000000000000000:0000 0A "
      "00000000:00000000 00:00000000 00000000     0        0 4713 1 0\n"
      "   3: 0100007F:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 "
      "4714 1 0\n"
      "garbage\n"
      "   4: 0100007F:107E 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 "
      "47";
  EXPECT_THAT(parse_listening_inodes(tcp, 4222), ElementsAre(4711, 4713));
  EXPECT_THAT(parse_listening_inodes(tcp, 4223), IsEmpty());
  EXPECT_THAT(parse_listening_inodes("", 4222), IsEmpty());
}

// A /proc of our own.
class FakeProc : public ::testing::Test {
 protected:
  FakeProc() {
    std::string name = (fs::temp_directory_path() / "natsproof-proc-XXXXXX").string();
    root_ = ::mkdtemp(name.data());
    write("uptime", "100.50 180.00\n");
  }
  ~FakeProc() override {
    std::error_code ignored;
    fs::remove_all(root_, ignored);
  }
  void write(const std::string& file, const std::string& text) const {
    fs::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << text;
  }
  void add_process(pid_t pid, const std::string& name, std::uint64_t ticks, std::uint64_t pages,
                   std::uint64_t start) const {
    const std::string of = std::to_string(pid);
    write(of + "/stat", stat_text(name, 'S', ticks, 0, 2, start));
    write(of + "/statm", fmt::format("9999 {} 1 1 0 1 0\n", pages));
    for (const int thread : {pid, pid + 1})
      write(fmt::format("{}/task/{}/status", of, thread),
            "Name:\tx\nvoluntary_ctxt_switches:\t10\nnonvoluntary_ctxt_switches:\t2\n");
  }
  [[nodiscard]] std::string error_of_sample(ProcessSampler& sampler) const {
    const auto sample = sampler.sample();
    return sample ? "it was sampled" : sample.error().message;
  }

  fs::path root_;
};

TEST_F(FakeProc, ProcessesAreAddedUp) {
  add_process(100, "echo", 50, 10, 5000);
  add_process(200, "orders", 25, 30, 9000);
  auto sampler = ProcessSampler::open({{"echo", 100}, {"orders", 200}}, root_.string());
  ASSERT_TRUE(sampler) << sampler.error().message;
  EXPECT_EQ(sampler->names(), "echo (pid 100), orders (pid 200)");
  const auto sample = sampler->sample();
  ASSERT_TRUE(sample) << sample.error().message;
  EXPECT_EQ(sample->cpu, 750ms);
  EXPECT_EQ(sample->resident_bytes, 40U * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
  EXPECT_EQ(sample->threads, 4U);
  EXPECT_EQ(sample->voluntary_switches, 40U);
  EXPECT_EQ(sample->involuntary_switches, 8U);
  EXPECT_EQ(sampler->age_of_youngest(), Duration{10'500'000'000});
}

TEST_F(FakeProc, AnotherProcessOfTheSameNumberIsNotCountedOn) {
  add_process(100, "echo", 50, 10, 5000);
  auto sampler = ProcessSampler::open({{"echo", 100}}, root_.string());
  ASSERT_TRUE(sampler);
  ASSERT_TRUE(sampler->sample());
  add_process(100, "echo", 51, 10, 5001);
  EXPECT_THAT(error_of_sample(*sampler),
              AllOf(HasSubstr("echo (pid 100) is gone"), HasSubstr("another process's now")));
}

TEST_F(FakeProc, OneThatIsGoneOrHasEndedIsNamed) {
  add_process(100, "echo", 50, 10, 5000);
  add_process(200, "orders", 25, 30, 9000);
  auto sampler = ProcessSampler::open({{"echo", 100}, {"orders", 200}}, root_.string());
  ASSERT_TRUE(sampler);
  write("200/stat", stat_text("orders", 'Z', 25, 0, 1, 9000));
  EXPECT_EQ(error_of_sample(*sampler), "orders (pid 200) has ended");
  fs::remove_all(root_ / "200");
  EXPECT_EQ(error_of_sample(*sampler), "orders (pid 200) is gone");
  const auto again = ProcessSampler::open({{"orders", 200}}, root_.string());
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().message, "orders (pid 200) is gone");
}

TEST_F(FakeProc, WhatIsMissingOrDamagedIsNamedAndNotGuessed) {
  add_process(100, "echo", 50, 10, 5000);
  auto sampler = ProcessSampler::open({{"echo", 100}}, root_.string());
  ASSERT_TRUE(sampler);
  write("100/statm", "nonsense");
  EXPECT_THAT(error_of_sample(*sampler), HasSubstr("/100/statm is not as proc(5) has it"));
  write("100/statm", "9999 10 1 1 0 1 0\n");
  write("100/task/101/status", "Name:\tx\n");
  EXPECT_THAT(error_of_sample(*sampler), HasSubstr("/task/101/status is not as proc(5) has it"));
  fs::remove_all(root_ / "100/task/101");  // a thread that has ended
  EXPECT_TRUE(sampler->sample());
  // What cannot be read is no file at all here: root may read everything.
  fs::remove(root_ / "100/statm");
  fs::create_directories(root_ / "100/statm");
  EXPECT_THAT(error_of_sample(*sampler),
              AllOf(HasSubstr("/100/statm cannot be read"), HasSubstr("directory")));
}

TEST_F(FakeProc, WithoutPermissionItSaysSo) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
  add_process(100, "echo", 50, 10, 5000);
  auto sampler = ProcessSampler::open({{"echo", 100}}, root_.string());
  ASSERT_TRUE(sampler);
  fs::permissions(root_ / "100/statm", fs::perms::none);
  EXPECT_THAT(error_of_sample(*sampler), HasSubstr("Permission denied"));
}

TEST_F(FakeProc, NoProcessIsNoSampler) {
  EXPECT_FALSE(ProcessSampler::open({}, root_.string()));
}

TEST_F(FakeProc, TheListenerIsFoundByItsSocket) {
  write("net/tcp", "heading\n   0: 0100007F:107E 00000000:0000 0A 0:0 0:0 0 0 0 4711 1 0\n");
  add_process(100, "other", 1, 1, 1);
  add_process(200, "nats-server", 1, 1, 1);
  fs::create_directories(root_ / "100/fd");
  fs::create_directories(root_ / "200/fd");
  fs::create_symlink("socket:[4712]", root_ / "100/fd/3");
  fs::create_symlink("/dev/null", root_ / "200/fd/0");
  EXPECT_THAT(find_listener(4222, root_.string()).error().message,
              HasSubstr("process that listens on port 4222 is not to be found"));
  fs::create_symlink("socket:[4711]", root_ / "200/fd/7");
  const auto found = find_listener(4222, root_.string());
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->pid, 200);
  EXPECT_EQ(found->name, "nats-server");
  EXPECT_THAT(find_listener(4223, root_.string()).error().message,
              HasSubstr("nobody who listens on port 4223"));
}

TEST(ProcessSampler, SeesThisProcessAtWork) {
  auto sampler = ProcessSampler::open({{"this", ::getpid()}});
  ASSERT_TRUE(sampler) << sampler.error().message;
  const auto first = sampler->sample();
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_GT(first->resident_bytes, 100'000U);
  EXPECT_GE(first->threads, 1U);
  // Until the kernel has counted more CPU, which it does in ticks.
  volatile std::uint64_t work = 0;
  auto now = sampler->sample();
  while (now && now->cpu < first->cpu + 30ms) {
    for (int i = 0; i < 100'000; ++i) work = work + 1;
    now = sampler->sample();
  }
  EXPECT_TRUE(now);
}

}  // namespace
}  // namespace natsproof
