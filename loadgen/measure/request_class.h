// What becomes of a request. The first event decides; every planned request ends in exactly one
// class. docs/measurement.md, "What becomes of a request".
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace natsproof {

enum class RequestClass : std::uint8_t {
  ok,             // answered, and the answer verified as the task asks
  rejected,       // deliberately invalid, and refused exactly as it must be: a success
  wrong_reply,    // answered, but not with the right thing
  service_error,  // answered with Nats-Service-Error, or with an inline status of 4xx or 5xx
  no_responders,  // inline status 503, as the server's own
  timeout,        // deadline (actual send + timeout) passed
  disconnected,   // its connection was lost while it was in flight
  refused,        // never handed over, see RefusedReason
};
inline constexpr std::size_t kRequestClasses = 8;
inline constexpr std::array<std::string_view, kRequestClasses> kRequestClassNames = {
    "ok",      "rejected",     "wrong_reply", "service_error", "no_responders",
    "timeout", "disconnected", "refused"};

constexpr bool is_success(RequestClass c) {
  return c == RequestClass::ok || c == RequestClass::rejected;
}

enum class RefusedReason : std::uint8_t { down, too_big, table_full, backlogged };
inline constexpr std::size_t kRefusedReasons = 4;
inline constexpr std::array<std::string_view, kRefusedReasons> kRefusedReasonNames = {
    "down", "too_big", "table_full", "backlogged"};

}  // namespace natsproof
