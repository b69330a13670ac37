// How many of its random cases a long test tries.
#pragma once

namespace natsproof {

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define NATSPROOF_SANITIZED 1
#endif
#endif

// All of them; a quarter under sanitizers, where nothing is optimised either and each takes twenty
// times as long: `all` are tried by the same suite's ordinary build.
constexpr int effort(int all) {
#ifdef NATSPROOF_SANITIZED
  return all / 4;
#else
  return all;
#endif
}

}  // namespace natsproof
