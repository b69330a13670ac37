// Diagnostics of services, on stderr. Never on the way of a request that is answered as it should
// be. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <spdlog/logger.h>

#include "base/result.h"
#include "base/time.h"

namespace natsproof {

spdlog::logger& service_log();

// trace | debug | info | warn | error | off, info until then. As JSON: one object a line,
// {"time":"2026-01-31T23:59:59.123456Z","level":"info","logger":"serve","message":"..."}. Errors:
// an unknown level, with the known ones.
Result<void> set_up_service_log(const std::string& level, bool json);

// What goes wrong with requests: at most one line a second, with the number of those left out.
// One thread at a time.
class RequestErrorLog {
 public:
  explicit RequestErrorLog(const Clock& clock) : clock_(clock) {}
  void warn(std::string_view service, std::string_view instance, std::string_view what);

 private:
  const Clock& clock_;
  Instant quiet_until_{};
  std::uint64_t left_out_ = 0;
};

}  // namespace natsproof
