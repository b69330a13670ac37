#include "loadgen/stage/server_figures.h"

#include <exception>

#include <fmt/format.h>
#include <httplib.h>
#include <nlohmann/json.hpp>

namespace natsproof {
namespace {

constexpr Duration kConnectWithin = 100ms;
constexpr Duration kServerAnswersWithin = 200ms;
constexpr std::size_t kMostBytes = 1 << 20;  // an answer takes about 5 KiB

}  // namespace

class ServerFigures::Client {
 public:
  explicit Client(const std::string& monitor) : http_(monitor) {
    http_.set_keep_alive(true);
    http_.set_connection_timeout(kConnectWithin);
    http_.set_read_timeout(kServerAnswersWithin);
    http_.set_write_timeout(kConnectWithin);
  }
  // Empty: it was not to be had in time.
  std::string get() {
    std::string body;
    if (!http_.is_valid()) return body;
    const Instant until = SteadyClock().now() + kServerAnswersWithin;
    const auto answer = http_.Get("/varz", [&](const char* data, std::size_t size) {
      body.append(data, size);
      return body.size() <= kMostBytes && SteadyClock().now() < until;
    });
    return answer && answer->status == 200 ? body : std::string();
  }

 private:
  httplib::Client http_;
};

std::optional<ServerSample> parse_varz(std::string_view body) {
  const auto json = nlohmann::json::parse(body, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  bool whole = true;
  const auto count = [&](const char* key) -> std::uint64_t {
    const auto found = json.find(key);
    if (found != json.end() && found->is_number_unsigned()) return found->get<std::uint64_t>();
    whole = false;
    return 0;
  };
  constexpr double kMostPercent = 1e6;
  ServerSample sample{.resident_bytes = count("mem"),
                      .connections = count("connections"),
                      .slow_consumers = count("slow_consumers"),
                      .in_messages = count("in_msgs"),
                      .out_messages = count("out_msgs")};
  const auto percent = json.find("cpu");
  if (!whole || percent == json.end() || !percent->is_number()) return std::nullopt;
  sample.cpu_share = percent->get<double>() / 100;
  if (!(sample.cpu_share >= 0 && sample.cpu_share <= kMostPercent / 100)) return std::nullopt;
  return sample;
}

std::vector<ResourceSample> samples_of(std::span<const ServerSample> says) {
  std::vector<ResourceSample> samples;
  double cpu_ns = 0;
  for (const ServerSample& now : says) {
    if (!samples.empty())
      cpu_ns += static_cast<double>((now.at - samples.back().at).count()) * now.cpu_share;
    samples.push_back({.at = now.at,
                       .cpu = std::chrono::round<std::chrono::milliseconds>(
                           std::chrono::duration<double, std::nano>(cpu_ns)),
                       .resident_bytes = now.resident_bytes});
  }
  return samples;
}

ServerFigures::ServerFigures(const std::string& monitor) : monitor_(monitor) {
  try {
    client_ = std::make_unique<Client>(monitor);
  } catch (const std::exception&) {  // httplib's way to say that the address is none
  }
}

ServerFigures::~ServerFigures() = default;

Result<ServerSample> ServerFigures::ask() {
  std::string body;
  try {
    if (client_) body = client_->get();
  } catch (const std::exception&) {
    body.clear();
  }
  if (body.empty())
    return Error{fmt::format("{}/varz did not answer within {} ms", monitor_,
                             (kConnectWithin + kServerAnswersWithin) / 1ms)};
  const auto sample = parse_varz(body);
  if (!sample) return Error{fmt::format("{}/varz answered something else", monitor_)};
  return *sample;
}

}  // namespace natsproof
