#include "loadgen/measure/claim.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <cmath>
#include <optional>
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
constexpr std::array<MetricRule, 8> kMetrics = {{{"response", Metric::response, true},
                                                 {"service", Metric::service, true},
                                                 {"success", Metric::success, false},
                                                 {"errors", Metric::errors, true},
                                                 {"achieved", Metric::achieved, false},
                                                 {"throughput", Metric::throughput, false},
                                                 {"cpu", Metric::cpu, true},
                                                 {"memory_growth", Metric::memory_growth, true}}};
constexpr std::array<std::string_view, 3> kRoles = {"server", "services", "generator"};
constexpr std::string_view kRoleWords = "server, services or generator";

const MetricRule* find_metric(std::string_view name) {
  for (const MetricRule& rule : kMetrics) {
    if (rule.name == name) return &rule;
  }
  return nullptr;
}

bool is_of_processes(const MetricRule& rule) {
  return rule.metric == Metric::cpu || rule.metric == Metric::memory_growth;
}

std::vector<std::string> metric_names() {
  std::vector<std::string> names;
  names.reserve(kMetrics.size());
  for (const MetricRule& rule : kMetrics) names.emplace_back(rule.name);
  return names;
}

// `cpu(services)` in its parts; without parentheses, the whole is the name.
struct MetricWord {
  std::string_view name;
  std::optional<std::string_view> of;
};
MetricWord metric_word(std::string_view word) {
  const std::size_t open = word.find('(');
  if (open == std::string_view::npos || !word.ends_with(')')) return {word, std::nullopt};
  return {word.substr(0, open), word.substr(open + 1, word.size() - open - 2)};
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
    if (!is_task(words.front())) {
      if (const auto done = read_of_processes(words)) return *done;
    }
    rule_ = find_metric(words.front());
    if (rule_ == nullptr) {
      if (!is_task(words.front())) return explain_first(words);
      if (words.size() < 2) {
        return refuse(fmt::format("after the task `{}` a metric is missing: {}", words.front(),
                                  known_metrics()));
      }
      rule_ = find_metric(words[1]);
      if (const MetricRule* rule = find_metric(metric_word(words[1]).name);
          rule != nullptr && is_of_processes(*rule)) {
        return refuse(fmt::format("`{}` is of whole processes, not of a task: leave `{}` out",
                                  words[1], words.front()));
      }
      if (rule_ == nullptr) return refuse(unknown_metric(words[1]));
      claim_.task = words.front();
      words = words.subspan(1);
    }
    claim_.metric = rule_->metric;
    return read_statistic(words.subspan(1));
  }

  // `cpu(services)` and what was meant to be one; nothing: it is something else.
  std::optional<Result<void>> read_of_processes(std::span<const std::string_view> words) {
    const MetricWord word = metric_word(words.front());
    rule_ = find_metric(word.name);
    if (rule_ == nullptr) {
      if (!word.of) return std::nullopt;
      return refuse(unknown_metric(word.name));
    }
    if (!is_of_processes(*rule_)) {
      if (!word.of) return std::nullopt;
      return refuse(fmt::format("`{}` is not of processes: leave `({})` out", word.name, *word.of));
    }
    const std::string example = fmt::format("`{}(services)`", rule_->name);
    if (!word.of || word.of->empty()) {
      return refuse(fmt::format("`{}` needs whose, without a blank: {}; of {}", rule_->name,
                                example, kRoleWords));
    }
    if (std::find(kRoles.begin(), kRoles.end(), *word.of) == kRoles.end()) {
      const std::vector<std::string> roles(kRoles.begin(), kRoles.end());
      return refuse(fmt::format("`{}` is of {}, not of `{}`{}", rule_->name, kRoleWords, *word.of,
                                did_you_mean(*word.of, roles)));
    }
    if (words.size() > 1) {
      return refuse(fmt::format("`{}` stands alone, without `{}`", words.front(), words[1]));
    }
    claim_.metric = rule_->metric;
    claim_.of = *word.of;
    return Result<void>{};
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
      case Metric::cpu:
        return read_cores(value);
      case Metric::memory_growth:
        return read_growth(value);
    }
    return {};
  }

  // A percentage that may be above 100: two cores are 200%.
  Result<void> read_cores(std::string_view value) {
    constexpr double kMostPercent = 1e6;  // ten thousand cores
    double percent = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), percent,
                                              std::chars_format::fixed);
    if (error != std::errc{} || std::string_view(end, value.data() + value.size()) != "%" ||
        !(percent >= 0 && percent <= kMostPercent)) {
      return refuse(
          fmt::format("`{}` is not a share of one core: write a percentage, as in 80%, "
                      "or 150% for one and a half cores",
                      value));
    }
    if (percent == 0) return refuse("nothing takes no CPU: the limit must be above 0%");
    claim_.share = percent / 100;
    return {};
  }

  Result<void> read_growth(std::string_view value) {
    struct Per {
      std::string_view name;
      double in_a_minute;
    };
    constexpr std::array<Per, 4> kPer = {{{"s", 60}, {"min", 1}, {"m", 1}, {"h", 1 / 60.0}}};
    const std::size_t slash = value.find('/');
    const Per* per = nullptr;
    for (const Per& known : kPer) {
      if (slash != std::string_view::npos && value.substr(slash + 1) == known.name) per = &known;
    }
    if (per == nullptr) {
      return refuse(fmt::format(
          "`{}` is not a growth: write a size and /min, /s or /h, as in 1MiB/min", value));
    }
    const Result<std::uint64_t> bytes = parse_bytes(value.substr(0, slash));
    if (!bytes.ok()) return refuse(bytes.error().message);
    if (*bytes == 0) {
      return refuse("memory comes in pages, and some is always moving: the limit must be above 0");
    }
    claim_.bytes_per_min = static_cast<double>(*bytes) * per->in_a_minute;
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
    case Metric::cpu:
    case Metric::memory_growth:
      break;
  }
  assert(false && "neither throughput nor processes allow a share");
  return 0;
}

Result<Claim> parse_claim(std::string_view text, std::span<const std::string> tasks) {
  return ClaimReader(text, tasks).read();
}

bool is_metric_name(std::string_view name) {
  return find_metric(metric_word(name).name) != nullptr;
}

}  // namespace natsproof
