// Our files against the public Java HdrHistogram library, both ways (Debian: libhdrhistogram-java
// and a JDK).
#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/random.h"
#include "loadgen/measure/histogram.h"
#include "loadgen/measure/histogram_log.h"
#include "loadgen/measure/percentile_distribution.h"

namespace natsproof {
namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 2> kJars = {"/usr/share/java/hdrhistogram.jar",
                                              "/usr/share/java/HdrHistogram.jar"};
constexpr std::array<double, 5> kQuantiles = {0.5, 0.9, 0.99, 0.999, 1};

struct Output {
  std::string text;
  int status = -1;
};

// The words are ours: none needs quoting for the shell.
Output run(const std::string& command) {
  Output output;
  std::FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return output;
  std::array<char, 4096> buffer;
  for (std::size_t n; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
    output.text.append(buffer.data(), n);
  }
  const int status = pclose(pipe);
  output.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return output;
}

class HdrHistogramPeer : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* jar : kJars) {
      if (fs::exists(jar)) jar_ = jar;
    }
    if (jar_.empty()) {
      GTEST_SKIP() << "the Java HdrHistogram is not here: apt-get install libhdrhistogram-java";
    }
    // A runtime alone cannot run a source file.
    if (run("java --list-modules 2>/dev/null").text.find("jdk.compiler") == std::string::npos) {
      GTEST_SKIP() << "there is no JDK here: apt-get install default-jdk-headless";
    }
    std::string folder = (fs::temp_directory_path() / "natsproof-hdr-XXXXXX").string();
    ASSERT_NE(mkdtemp(folder.data()), nullptr);
    folder_ = folder;
  }
  void TearDown() override {
    std::error_code ignored;
    if (!folder_.empty()) fs::remove_all(folder_, ignored);
  }

  [[nodiscard]] std::string log() const { return (folder_ / "intervals.hlog").string(); }

  Output peer(const std::string& arguments) {
    const fs::path source = fs::path(__FILE__).parent_path() / "HdrHistogramPeer.java";
    return run("timeout 100 java -Xshare:auto -XX:TieredStopAtLevel=1 -cp " + jar_ + " '" +
               source.string() + "' " + arguments);
  }

 private:
  std::string jar_;
  fs::path folder_;
};

// What the peer prints of an interval.
std::string printed(const HistogramLogEntry& entry) {
  std::ostringstream line;
  const Histogram& h = entry.histogram;
  line << (entry.tag.empty() ? "-" : entry.tag) << ' ' << entry.utc_ms << ' ' << h.count() << ' '
       << h.max().count();
  for (const double q : kQuantiles) {
    line << ' ' << (h.empty() ? 0 : h.value_at({q}).count());
  }
  line << '\n';
  return line.str();
}

std::vector<HistogramLogEntry> random_entries() {
  Random random(7);
  std::vector<HistogramLogEntry> entries;
  for (int i = 0; i < 30; ++i) {
    HistogramLogEntry entry;
    if (i % 3 != 0) entry.tag = i % 3 == 1 ? "place_order" : "echo";
    entry.utc_ms = 1'700'000'000'123 + 1'000 * i;
    entry.length = 1s - std::chrono::milliseconds(i);
    for (std::uint64_t n = random.below(3'000); n > 0; --n) {
      const double ns = std::exp(random.uniform() * std::log(60e9));
      entry.histogram.record(Duration{static_cast<std::int64_t>(ns)});
    }
    entries.push_back(std::move(entry));
  }
  entries.back().histogram.record(60s, 1'000'000);
  entries[1].histogram.reset();
  return entries;
}

std::string write(const std::vector<HistogramLogEntry>& entries) {
  HistogramLogWriter writer(entries.front().utc_ms, "a test");
  for (const HistogramLogEntry& e : entries) writer.add(e.tag, e.utc_ms, e.length, e.histogram);
  return writer.text();
}

TEST_F(HdrHistogramPeer, ReadsOurLog) {
  const std::vector<HistogramLogEntry> entries = random_entries();
  std::ofstream(log()) << write(entries);
  std::string expected;
  for (const HistogramLogEntry& entry : entries) expected += printed(entry);
  const Output output = peer("read " + log());
  ASSERT_EQ(output.status, 0) << output.text;
  EXPECT_EQ(output.text, expected);
}

TEST_F(HdrHistogramPeer, PrintsTheDistributionAsWeDo) {
  const std::vector<HistogramLogEntry> entries = random_entries();
  std::ofstream(log()) << write(entries);
  Histogram sum;
  for (const HistogramLogEntry& entry : entries) sum.merge(entry.histogram);
  const Output output = peer("distribution " + log());
  ASSERT_EQ(output.status, 0) << output.text;
  EXPECT_EQ(write_percentile_distribution(percentile_distribution(sum)), output.text);
}

TEST_F(HdrHistogramPeer, WritesWhatWeRead) {
  const Output output = peer("write " + log());
  ASSERT_EQ(output.status, 0) << output.text;
  std::ostringstream text;
  text << std::ifstream(log()).rdbuf();
  const std::string log_text = text.str();
  HistogramLogReader reader(log_text);
  std::string read;
  for (;;) {
    const auto entry = reader.next();
    ASSERT_TRUE(entry.ok()) << entry.error().message;
    if (!entry->has_value()) break;
    EXPECT_EQ((*entry)->length, 997ms);
    read += printed(**entry);
  }
  EXPECT_FALSE(read.empty());
  EXPECT_EQ(read, output.text);
}

}  // namespace
}  // namespace natsproof
