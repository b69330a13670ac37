#include "loadgen/measure/claim.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace natsproof {
namespace {

using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;

const std::vector<std::string> kTasks = {"echo", "place_order"};

Claim claim_of(std::string_view text) {
  Result<Claim> claim = parse_claim(text, kTasks);
  EXPECT_TRUE(claim.ok()) << (claim.ok() ? "" : claim.error().message);
  return claim.ok() ? *claim : Claim{};
}

std::string claim_error(std::string_view text) {
  const Result<Claim> claim = parse_claim(text, kTasks);
  return claim.ok() ? "no error" : claim.error().message;
}

TEST(ParseClaim, ReadsAQuantileOfOneTask) {
  const Claim claim = claim_of("place_order response p99.9 < 10ms");
  EXPECT_EQ(claim.text, "place_order response p99.9 < 10ms");
  EXPECT_EQ(claim.task, "place_order");
  EXPECT_EQ(claim.metric, Metric::response);
  EXPECT_EQ(claim.statistic, Statistic::quantile);
  EXPECT_EQ(claim.quantile, Quantile{0.999});
  EXPECT_EQ(claim.comparison, Comparison::less);
  EXPECT_EQ(claim.limit, 10ms);
}

TEST(ParseClaim, IsAboutAllTasksWithoutOne) {
  EXPECT_EQ(claim_of("response p50 < 1ms").task, kAllTasks);
}

TEST(ParseClaim, ReadsMaxAndMean) {
  EXPECT_EQ(claim_of("service max <= 1s").statistic, Statistic::max);
  EXPECT_EQ(claim_of("service max <= 1s").comparison, Comparison::less_equal);
  EXPECT_EQ(claim_of("response mean < 1ms").statistic, Statistic::mean);
}

TEST(ParseClaim, ReadsShares) {
  const Claim success = claim_of("success >= 99%");
  EXPECT_EQ(success.metric, Metric::success);
  EXPECT_EQ(success.statistic, Statistic::none);
  EXPECT_EQ(success.comparison, Comparison::greater_equal);
  EXPECT_EQ(success.share, 0.99);
  EXPECT_EQ(claim_of("echo errors < 0.1%").share, 0.001);
  EXPECT_EQ(claim_of("echo errors < 0.1%").task, "echo");
  EXPECT_EQ(claim_of("achieved > 99.9%").comparison, Comparison::greater);
  EXPECT_EQ(claim_of("errors <= 0%").share, 0);
  EXPECT_EQ(claim_of("success >= 100%").share, 1);
}

TEST(ParseClaim, ReadsThroughput) {
  EXPECT_EQ(claim_of("throughput >= 5k/s").rate, Rate{5000});
  EXPECT_EQ(claim_of("echo throughput > 100/s").task, "echo");
}

TEST(ParseClaim, ReadsWhatProcessesTake) {
  const Claim cpu = claim_of("cpu(services) < 80%");
  EXPECT_EQ(cpu.metric, Metric::cpu);
  EXPECT_EQ(cpu.of, "services");
  EXPECT_EQ(cpu.task, kAllTasks);
  EXPECT_DOUBLE_EQ(cpu.share, 0.8);
  EXPECT_TRUE(cpu.is_resource());
  EXPECT_EQ(cpu.text, "cpu(services) < 80%");
  EXPECT_DOUBLE_EQ(claim_of("cpu(server) <= 150%").share, 1.5);
  EXPECT_EQ(claim_of("cpu(generator)<12.5%").text, "cpu(generator) < 12.5%");
  const Claim growth = claim_of("memory_growth(server) < 1MiB/min");
  EXPECT_EQ(growth.metric, Metric::memory_growth);
  EXPECT_EQ(growth.of, "server");
  EXPECT_EQ(growth.bytes_per_min, 1048576);
  EXPECT_EQ(claim_of("memory_growth(services) <= 1KiB/s").bytes_per_min, 61440);
  EXPECT_EQ(claim_of("memory_growth(services) <= 60MB/h").bytes_per_min, 1e6);
}

TEST(ParseClaim, WantsWhoseProcessesAndNoTask) {
  EXPECT_THAT(claim_error("cpu < 80%"), HasSubstr("`cpu` needs whose"));
  EXPECT_THAT(claim_error("cpu (services) < 80%"), HasSubstr("without a blank: `cpu(services)`"));
  EXPECT_THAT(claim_error("cpu() < 80%"), HasSubstr("`cpu` needs whose"));
  EXPECT_THAT(claim_error("cpu(service) < 80%"),
              AllOf(HasSubstr("not of `service`"), HasSubstr("did you mean `services`?")));
  EXPECT_THAT(claim_error("cpus(services) < 80%"), HasSubstr("did you mean `cpu`?"));
  EXPECT_THAT(claim_error("memory_grow(server) < 1MiB/min"),
              HasSubstr("did you mean `memory_growth`"));
  EXPECT_THAT(claim_error("response(server) p99 < 1ms"), HasSubstr("leave `(server)` out"));
  EXPECT_THAT(claim_error("echo cpu(services) < 80%"),
              HasSubstr("of whole processes, not of a task: leave `echo` out"));
  EXPECT_THAT(claim_error("echo memory_growth < 1MiB/min"), HasSubstr("leave `echo` out"));
  EXPECT_THAT(claim_error("cpu(services) p99 < 80%"), HasSubstr("stands alone, without `p99`"));
}

TEST(ParseClaim, WantsSharesOfACoreAndGrowths) {
  for (const char* value : {"80", "0.8", "x%", "-1%", "1e3%", "%", "nan%", "99999999%"})
    EXPECT_THAT(claim_error(std::string("cpu(server) < ") + value), HasSubstr("share of one core"))
        << value;
  EXPECT_THAT(claim_error("cpu(server) < 0%"), HasSubstr("must be above 0%"));
  EXPECT_THAT(claim_error("cpu(server) > 10%"), HasSubstr("with `<` or `<=`"));
  for (const char* value : {"1MiB", "1MiB/day", "1MiB/", "/min"})
    EXPECT_THAT(claim_error(std::string("memory_growth(server) < ") + value),
                AnyOf(HasSubstr("is not a growth"), HasSubstr("is not a size")))
        << value;
  EXPECT_THAT(claim_error("memory_growth(server) < 1Mi/min"), HasSubstr("is not a size"));
  EXPECT_THAT(claim_error("memory_growth(server) < 0B/min"), HasSubstr("must be above 0"));
}

TEST(ParseClaim, NormalisesBlanks) {
  EXPECT_EQ(claim_of("success>=99%").text, "success >= 99%");
  EXPECT_EQ(claim_of("  echo \t response   p99<1ms ").text, "echo response p99 < 1ms");
}

TEST(ParseClaim, NamesWhatItDoesNotKnowAndTheNearest) {
  EXPECT_THAT(claim_error("respnse p99 < 1ms"),
              AllOf(HasSubstr("claim `respnse p99 < 1ms`"), HasSubstr("did you mean `response`?"),
                    HasSubstr("response, service, success, errors, achieved, throughput")));
  EXPECT_THAT(claim_error("sucess >= 99%"), HasSubstr("did you mean `success`?"));
  EXPECT_THAT(claim_error("place_oder response p99 < 1ms"),
              AllOf(HasSubstr("no task `place_oder`"), HasSubstr("did you mean `place_order`?"),
                    HasSubstr("the tasks are echo, place_order")));
  EXPECT_THAT(claim_error("echo latency p99 < 1ms"), HasSubstr("`latency` is not a metric"));
  EXPECT_THAT(claim_error("latency < 1ms"), HasSubstr("`latency` is not a metric"));
  EXPECT_THAT(claim_error("foo bar < 1ms"), HasSubstr("no task `foo`"));
  const auto without_tasks = parse_claim("echo response p99 < 1ms", {});
  ASSERT_FALSE(without_tasks.ok());
  EXPECT_THAT(without_tasks.error().message, HasSubstr("no task `echo`: the plan names no tasks"));
}

TEST(ParseClaim, WantsAStatisticOfTimesOnly) {
  EXPECT_THAT(claim_error("response < 1ms"), HasSubstr("`response` needs a quantile"));
  EXPECT_THAT(claim_error("response avg < 1ms"), HasSubstr("`avg` is not a quantile"));
  EXPECT_THAT(claim_error("response p100 < 1ms"), HasSubstr("above 0 and below 100"));
  EXPECT_THAT(claim_error("response p99 max < 1ms"), HasSubstr("not `max`"));
  EXPECT_THAT(claim_error("success p99 >= 99%"),
              HasSubstr("`success` stands alone, without `p99`"));
  EXPECT_THAT(claim_error("echo < 1ms"), HasSubstr("after the task `echo` a metric is missing"));
}

TEST(ParseClaim, WantsTheComparisonThatMakesSense) {
  EXPECT_THAT(claim_error("response p99 > 1ms"), HasSubstr("with `<` or `<=`, not `>`"));
  EXPECT_THAT(claim_error("success < 99%"), HasSubstr("with `>` or `>=`, not `<`"));
  EXPECT_THAT(claim_error("achieved <= 99%"), HasSubstr("with `>` or `>=`"));
  EXPECT_THAT(claim_error("errors >= 1%"), HasSubstr("with `<` or `<=`"));
  EXPECT_THAT(claim_error("throughput < 1/s"), HasSubstr("with `>` or `>=`"));
  EXPECT_THAT(claim_error("response p99 = 1ms"), HasSubstr("`=` is not a comparison"));
  EXPECT_THAT(claim_error("response p99 =< 1ms"), HasSubstr("`=<` is not a comparison"));
  EXPECT_THAT(claim_error("success => 99%"), HasSubstr("`=>` is not a comparison"));
  EXPECT_THAT(claim_error("response p99 < = 1ms"), HasSubstr("one value must stand after `<`"));
}

TEST(ParseClaim, WantsTheUnitOfTheMetric) {
  EXPECT_THAT(claim_error("response p99 < 1%"), HasSubstr("`1%` is not a duration"));
  EXPECT_THAT(claim_error("success >= 0.99"), HasSubstr("`0.99` is not a share"));
  EXPECT_THAT(claim_error("throughput > 100"), HasSubstr("`100` is not a rate"));
}

TEST(ParseClaim, RefusesWhatCanNeverHold) {
  EXPECT_THAT(claim_error("response p99 < 0ms"), HasSubstr("must be above 0"));
  EXPECT_THAT(claim_error("success > 100%"), HasSubstr("`>= 100%`"));
  EXPECT_THAT(claim_error("errors < 0%"), HasSubstr("`<= 0%`"));
}

TEST(ParseClaim, WantsAllItsParts) {
  EXPECT_THAT(claim_error(""), HasSubstr("there is no comparison"));
  EXPECT_THAT(claim_error("response p99"), HasSubstr("there is no comparison"));
  EXPECT_THAT(claim_error("< 1ms"), HasSubstr("does not say what is claimed"));
  EXPECT_THAT(claim_error("response p99 <"), HasSubstr("one value must stand after `<`"));
  EXPECT_THAT(claim_error("response p99 < 1 ms"), HasSubstr("without blanks in it"));
}

TEST(Claim, TheLimitItselfBreaksLessButNotLessEqual) {
  EXPECT_TRUE(claim_of("response p99 < 1ms").is_over(1ms));
  EXPECT_FALSE(claim_of("response p99 < 1ms").is_over(1ms - 1ns));
  EXPECT_FALSE(claim_of("response p99 <= 1ms").is_over(1ms));
  EXPECT_TRUE(claim_of("response p99 <= 1ms").is_over(1ms + 1ns));
}

TEST(Claim, AllowsTheShareThatIsLeft) {
  EXPECT_EQ(claim_of("response p90 < 1ms").allowed_share(), 0.1);
  EXPECT_EQ(claim_of("response p99 < 1ms").allowed_share(), 0.01);
  EXPECT_EQ(claim_of("response p99.99 < 1ms").allowed_share(), 0.0001);
  EXPECT_EQ(claim_of("response max < 1ms").allowed_share(), 0);
  EXPECT_EQ(claim_of("success >= 99%").allowed_share(), 0.01);
  EXPECT_EQ(claim_of("achieved >= 99.9%").allowed_share(), 0.001);
  EXPECT_EQ(claim_of("errors <= 1%").allowed_share(), 0.01);
}

TEST(IsMetricName, KnowsThemAll) {
  for (const char* name : {"response", "service", "success", "errors", "achieved", "throughput"}) {
    EXPECT_TRUE(is_metric_name(name)) << name;
  }
  for (const char* name : {"cpu", "memory_growth", "cpu(services)"})
    EXPECT_TRUE(is_metric_name(name)) << name;
  EXPECT_FALSE(is_metric_name("echo"));
  EXPECT_FALSE(is_metric_name("echo(cpu)"));
  EXPECT_FALSE(is_metric_name("Response"));
  EXPECT_FALSE(is_metric_name(""));
}

}  // namespace
}  // namespace natsproof
