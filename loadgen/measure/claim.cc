#include "loadgen/measure/claim.h"

#include <array>
#include <cassert>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "base/nearest.h"

namespace natsproof {
namespace {

struct MetricRule {
  std::string_view name;
  Metric metric;
  bool upper;  // claimed to stay below (`<`) or above (`>`) a value
};
constexpr std::array<MetricRule, 6> kMetrics = {{{"response", Metric::response, true},
                                                 {"service", Metric::service, true},
                                                 {"success", Metric::success, false},
                                                 {"errors", Metric::errors, true},
                                                 {"achieved", Metric::achieved, false},
                                                 {"throughput", Metric::throughput, false}}};

const MetricRule* find_metric(std::string_view name) {
  for (const MetricRule& rule : kMetrics) {
    if (rule.name == name) return &rule;
  }
  return nullptr;
}

std::vector<std::string> metric_names() {
  std::vector<std::string> names;
  names.reserve(kMetrics.size());
  for (const MetricRule& rule : kMetrics) names.emplace_back(rule.name);
  return names;
}

constexpr std::string_view kForm =
    "write `[task] metric [quantile] comparison value`, as in `response p99 < 1ms` or `success >= "
    "99%`";
constexpr std::string_view kStatistics = "a quantile (p50, p99, p99.9), max or mean";

Error refuse(std::string_view text, std::string_view why) {
  return {fmt::format("claim `{}`: {}", text, why)};
}

std::vector<std::string_view> words_of(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  std::vector<std::string_view> words;
  for (std::size_t at = text.find_first_not_of(kBlanks); at != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(kBlanks, at), text.size());
    words.push_back(text.substr(at, end - at));
    at = text.find_first_not_of(kBlanks, end);
  }
  return words;
}

bool looks_like_statistic(std::string_view word) {
  return word == "max" || word == "mean" || parse_quantile(word).ok();
}

// A claim in its parts: what stands before the comparison, the comparison, the value.
struct Parts {
  std::vector<std::string_view> subject;
  std::string_view comparison;
  std::string_view value;
};

Result<Parts> split(std::string_view text) {
  constexpr std::string_view kSigns = "<>=";
  const std::size_t at = text.find_first_of(kSigns);
  if (at == std::string_view::npos) {
    return refuse(text, fmt::format("there is no comparison in it: {}", kForm));
  }
  const std::size_t end = std::min(text.find_first_not_of(kSigns, at), text.size());
  Parts parts;
  parts.subject = words_of(text.substr(0, at));
  parts.comparison = text.substr(at, end - at);
  const std::vector<std::string_view> values = words_of(text.substr(end));
  if (parts.subject.empty()) {
    return refuse(text, fmt::format("it does not say what is claimed: {}", kForm));
  }
  if (values.size() != 1) {
    return refuse(text, fmt::format("one value must stand after `{}`, without blanks in it: {}",
                                    parts.comparison, kForm));
  }
  parts.value = values.front();
  return parts;
}

// Reads one claim; every step takes what it understands and says what it does not.
class ClaimReader {
 public:
  ClaimReader(std::string_view text, std::span<const std::string> tasks)
      : text_(text), tasks_(tasks) {}

  Result<Claim> read() {
    const Result<Parts> parts = split(text_);
    if (!parts.ok()) return parts.error();
    if (auto done = read_subject(parts->subject); !done.ok()) return done.error();
    if (auto done = read_comparison(parts->comparison); !done.ok()) return done.error();
    if (auto done = read_value(parts->value); !done.ok()) return done.error();
    for (const std::string_view word : parts->subject) claim_.text.append(word) += ' ';
    claim_.text.append(parts->comparison).append(" ").append(parts->value);
    return claim_;
  }

 private:
  [[nodiscard]] Error refuse(std::string_view why) const { return natsproof::refuse(text_, why); }

  [[nodiscard]] bool is_task(std::string_view word) const {
    for (const std::string& task : tasks_) {
      if (task == word) return true;
    }
    return false;
  }

  Result<void> read_subject(std::span<const std::string_view> words) {
    rule_ = find_metric(words.front());
    if (rule_ == nullptr) {
      if (!is_task(words.front())) return explain_first(words);
      if (words.size() < 2) {
        return refuse(fmt::format("after the task `{}` a metric is missing: {}", words.front(),
                                  known_metrics()));
      }
      rule_ = find_metric(words[1]);
      if (rule_ == nullptr) return refuse(unknown_metric(words[1]));
      claim_.task = words.front();
      words = words.subspan(1);
    }
    claim_.metric = rule_->metric;
    return read_statistic(words.subspan(1));
  }

  Result<void> read_statistic(std::span<const std::string_view> words) {
    if (!claim_.is_latency()) {
      if (words.empty()) return {};
      return refuse(fmt::format("`{}` stands alone, without `{}`", rule_->name, words.front()));
    }
    if (words.empty()) {
      return refuse(fmt::format("`{}` needs {}, as in `{} p99 < 1ms`", rule_->name, kStatistics,
                                rule_->name));
    }
    if (words.size() > 1) {
      return refuse(fmt::format("between `{}` and the comparison stands only {}, not `{}`",
                                words.front(), kStatistics, words[1]));
    }
    const std::string_view word = words.front();
    if (word == "max") {
      claim_.statistic = Statistic::max;
    } else if (word == "mean") {
      claim_.statistic = Statistic::mean;
    } else if (const Result<Quantile> q = parse_quantile(word); q.ok()) {
      claim_.statistic = Statistic::quantile;
      claim_.quantile = *q;
    } else if (word.size() > 1 && word.front() == 'p' && word[1] >= '0' && word[1] <= '9') {
      return refuse(q.error().message);
    } else {
      return refuse(fmt::format("`{}` is not {}", word, kStatistics));
    }
    return {};
  }

  Result<void> read_comparison(std::string_view sign) {
    if (sign == "<") {
      claim_.comparison = Comparison::less;
    } else if (sign == "<=") {
      claim_.comparison = Comparison::less_equal;
    } else if (sign == ">") {
      claim_.comparison = Comparison::greater;
    } else if (sign == ">=") {
      claim_.comparison = Comparison::greater_equal;
    } else {
      return refuse(fmt::format("`{}` is not a comparison: write {}", sign, allowed_signs()));
    }
    if ((sign.front() == '<') != rule_->upper) {
      return refuse(
          fmt::format("`{}` is claimed with {}, not `{}`", rule_->name, allowed_signs(), sign));
    }
    return {};
  }

  Result<void> read_value(std::string_view value) {
    switch (claim_.metric) {
      case Metric::response:
      case Metric::service: {
        const Result<Duration> limit = parse_duration(value);
        if (!limit.ok()) return refuse(limit.error().message);
        if (*limit == Duration{}) return refuse("nothing takes no time: the limit must be above 0");
        claim_.limit = *limit;
        return {};
      }
      case Metric::success:
      case Metric::errors:
      case Metric::achieved: {
        const Result<double> share = parse_share(value);
        if (!share.ok()) return refuse(share.error().message);
        claim_.share = *share;
        // `success > 100%` and `errors < 0%` could never hold.
        if (claim_.comparison == Comparison::greater && *share == 1) {
          return refuse("nothing is above 100%: write `>= 100%`");
        }
        if (claim_.comparison == Comparison::less && *share == 0) {
          return refuse("nothing is below 0%: write `<= 0%`");
        }
        return {};
      }
      case Metric::throughput: {
        const Result<Rate> rate = parse_rate(value);
        if (!rate.ok()) return refuse(rate.error().message);
        claim_.rate = *rate;
        return {};
      }
    }
    return {};
  }

  // The first word is neither a metric nor a task: which of them was meant?
  [[nodiscard]] Error explain_first(std::span<const std::string_view> words) const {
    const std::string_view first = words.front();
    const bool meant_metric =
        words.size() == 1 || (looks_like_statistic(words[1]) && !is_metric_name(first));
    if (meant_metric) return refuse(unknown_metric(first));
    if (!is_metric_name(words[1]) && tasks_.empty()) return refuse(unknown_metric(first));
    return refuse(fmt::format("there is no task `{}`{}: {}", first, did_you_mean(first, tasks_),
                              known_tasks()));
  }

  static std::string unknown_metric(std::string_view word) {
    return fmt::format("`{}` is not a metric{}: {}", word, did_you_mean(word, metric_names()),
                       known_metrics());
  }
  static std::string known_metrics() {
    return fmt::format("the metrics are {}", fmt::join(metric_names(), ", "));
  }
  [[nodiscard]] std::string known_tasks() const {
    if (tasks_.empty()) return "the plan names no tasks";
    return fmt::format("the tasks are {}", fmt::join(tasks_, ", "));
  }
  [[nodiscard]] std::string_view allowed_signs() const {
    return rule_->upper ? "`<` or `<=`" : "`>` or `>=`";
  }

  std::string_view text_;
  std::span<const std::string> tasks_;
  const MetricRule* rule_ = nullptr;
  Claim claim_;
};

}  // namespace

double Claim::allowed_share() const {
  // To a trillionth, so that 1 - 0.9 is 0.1 and not a rounding error away from it.
  constexpr double kGrain = 1e12;
  const auto rest = [](double good) { return std::round((1 - good) * kGrain) / kGrain; };
  switch (metric) {
    case Metric::response:
    case Metric::service:
      assert(statistic == Statistic::quantile || statistic == Statistic::max);
      return statistic == Statistic::quantile ? rest(quantile.value) : 0;
    case Metric::success:
    case Metric::achieved:
      return rest(share);
    case Metric::errors:
      return share;
    case Metric::throughput:
      break;
  }
  assert(false && "throughput allows no share");
  return 0;
}

Result<Claim> parse_claim(std::string_view text, std::span<const std::string> tasks) {
  return ClaimReader(text, tasks).read();
}

bool is_metric_name(std::string_view name) {
  return find_metric(name) != nullptr;
}

}  // namespace natsproof
