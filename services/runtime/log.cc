#include "services/runtime/log.h"

#include <array>
#include <chrono>
#include <ctime>
#include <memory>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>
#include <spdlog/formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace natsproof {
namespace {

using Level = std::pair<std::string_view, spdlog::level::level_enum>;
constexpr std::array<Level, 6> kLevels = {{{"trace", spdlog::level::trace},
                                           {"debug", spdlog::level::debug},
                                           {"info", spdlog::level::info},
                                           {"warn", spdlog::level::warn},
                                           {"error", spdlog::level::err},
                                           {"off", spdlog::level::off}}};

std::string_view name_of(spdlog::level::level_enum level) {
  for (const auto& [name, known] : kLevels) {
    if (known == level) return name;
  }
  return "critical";
}

class JsonLines final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& to) override {
    using namespace std::chrono;
    const auto since = message.time.time_since_epoch();
    const std::time_t seconds = floor<std::chrono::seconds>(since).count();
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    char date[32];
    std::strftime(date, sizeof date, "%FT%T", &utc);
    const auto us = duration_cast<microseconds>(since - std::chrono::seconds(seconds)).count();
    const nlohmann::ordered_json line = {
        {"time", fmt::format("{}.{:06}Z", date, us)},
        {"level", name_of(message.level)},
        {"logger", std::string(message.logger_name.data(), message.logger_name.size())},
        {"message", std::string(message.payload.data(), message.payload.size())}};
    // What is no UTF-8, such as a server's words, becomes U+FFFD.
    const std::string text =
        line.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace) + "\n";
    to.append(text.data(), text.data() + text.size());
  }
  [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<JsonLines>();
  }
};

}  // namespace

// Not the program's default logger, whatever that does.
spdlog::logger& service_log() {
  static const auto logger =
      std::make_shared<spdlog::logger>("serve", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  return *logger;
}

Result<void> set_up_service_log(const std::string& level, bool json) {
  for (const auto& [name, known] : kLevels) {
    if (name != level) continue;
    service_log().set_level(known);
    if (json) {
      service_log().set_formatter(std::make_unique<JsonLines>());
    } else {
      service_log().set_pattern("%+");
    }
    return {};
  }
  std::vector<std::string_view> names;
  for (const auto& [name, known] : kLevels) names.push_back(name);
  return Error{fmt::format("there is no log level \"{}\"; the levels are: {}", level,
                           fmt::join(names, ", "))};
}

void RequestErrorLog::warn(std::string_view service, std::string_view instance,
                           std::string_view what) {
  constexpr Duration kQuiet = 1s;
  const Instant now = clock_.now();
  if (now < quiet_until_) {
    ++left_out_;
    return;
  }
  quiet_until_ = now + kQuiet;
  const std::string others =
      left_out_ == 0 ? "" : fmt::format(" (and {} more since the last line)", left_out_);
  left_out_ = 0;
  service_log().warn("{} {} answered 500: {}{}", service, instance, what, others);
}

}  // namespace natsproof
