#include "messaging/natsc/natsc_options.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/random.h"

namespace natsproof {
namespace {

std::int64_t whole_ms(Duration value) {
  return std::max<std::int64_t>(
      1, std::chrono::duration_cast<std::chrono::milliseconds>(value).count());
}

std::string url_of(const ServerAddress& server) {
  const bool ipv6 = server.host.find(':') != std::string::npos;
  return "nats://" + (ipv6 ? "[" + server.host + "]" : server.host) + ":" +
         std::to_string(server.port);
}

std::int64_t reconnect_delay_ms(natsConnection*, int attempts, void* backoff) {
  return whole_ms(static_cast<const ReconnectBackoff*>(backoff)->delay(attempts));
}

// The first failure of a series of calls.
class FirstFailure {
 public:
  void operator()(natsStatus status) {
    if (status_ == NATS_OK) status_ = status;
  }
  [[nodiscard]] natsStatus status() const { return status_; }

 private:
  natsStatus status_ = NATS_OK;
};

}  // namespace

Duration ReconnectBackoff::delay(int attempts) const {
  const int doublings = std::clamp(attempts - 1, 0, 30);
  const Duration longest = std::min(max, min * (std::int64_t{1} << doublings));
  Random random{seed + static_cast<std::uint64_t>(attempts)};
  return std::max(min,
                  longest / 2 + Duration{static_cast<Duration::rep>(
                                    random.uniform() * static_cast<double>(longest.count()) / 2)});
}

natsStatus set_seam_options(natsOptions* options, const ConnectOptions& wanted,
                            ConnectionId connection) {
  FirstFailure check;
  std::vector<std::string> urls;
  for (const ServerAddress& server : wanted.servers) urls.push_back(url_of(server));
  // The seam's order, from a start of this connection's own; the library would shuffle with a seed
  // we do not know.
  const auto start = mix64(wanted.seed + connection) % urls.size();
  std::rotate(urls.begin(), urls.begin() + static_cast<std::ptrdiff_t>(start), urls.end());
  std::vector<const char*> texts;
  for (const std::string& url : urls) texts.push_back(url.c_str());
  check(natsOptions_SetServers(options, texts.data(), static_cast<int>(texts.size())));
  check(natsOptions_SetNoRandomize(options, true));

  // Apart from the URL, because the library does not decode percent signs there.
  for (const ServerAddress& server : wanted.servers) {
    if (!server.token.empty()) {
      check(natsOptions_SetToken(options, server.token.c_str()));
      break;
    }
    if (!server.user.empty()) {
      check(natsOptions_SetUserInfo(options, server.user.c_str(), server.password.c_str()));
      break;
    }
  }
  check(natsOptions_SetName(options, wanted.name.c_str()));
  // The library's timeout is for one server, the seam's for all of them.
  const auto servers = static_cast<Duration::rep>(urls.size());
  check(natsOptions_SetTimeout(options, whole_ms(wanted.connect_timeout / servers)));
  check(natsOptions_SetAllowReconnect(options, wanted.reconnect));
  return check.status();
}

natsStatus tune(natsOptions* options, ReconnectBackoff& backoff) {
  FirstFailure check;
  // Without it a publication (every reply of a service) waits up to 1 ms for the flusher thread to
  // gather more.
  check(natsOptions_SetSendAsap(options, true));
  // The default gives up after 60 attempts; a long fault must not end a run or a service for good.
  check(natsOptions_SetMaxReconnect(options, -1));
  // The default waits 2 s before the first attempt, which would be most of every outage measured.
  check(natsOptions_SetCustomReconnectDelay(options, reconnect_delay_ms, &backoff));
  // The default (2 min, twice) notices a dead network after 4 to 6 minutes; this after half a
  // minute.
  check(natsOptions_SetPingInterval(options, 10'000));
  check(natsOptions_SetMaxPingsOut(options, 2));
  // One read may take twice the burst that the default (32 KiB) does.
  check(natsOptions_SetIOBufSize(options, 64 * 1024));
  return check.status();
}

natsStatus tune(natsSubscription* subscription) {
  // Over the default limits the library drops what it has received, and the run would count losses
  // that are its own.
  return natsSubscription_SetPendingLimits(subscription, -1, -1);
}

}  // namespace natsproof
