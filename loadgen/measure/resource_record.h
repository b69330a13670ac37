// What processes took while a repetition ran, sampled about once a second. Plain data.
//
// A share of CPU is everywhere that of one core: two busy threads make 200 %.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"

namespace natsproof {

// Of one or of several processes together. Times are kept to the millisecond, memory to the KiB:
// finer than /proc tells them (10 ms of CPU, a page).
struct ResourceSample {
  Duration at{};   // from the repetition's start
  Duration cpu{};  // user and system, since the processes began
  std::uint64_t resident_bytes = 0;
  std::uint64_t threads = 0;
  // Of the threads that live, so that the end of one takes its own away.
  std::uint64_t voluntary_switches = 0, involuntary_switches = 0;
};

// What nats-server says of itself (/varz).
struct ServerSample {
  Duration at{};
  double cpu_share = 0;  // of one core, over the last second or so as the server counts it
  std::uint64_t resident_bytes = 0;
  std::uint64_t connections = 0, slow_consumers = 0, in_messages = 0, out_messages = 0;
};

struct ResourceRecord {
  std::string of;  // `server`, `services`, `generator`: all of its processes together
  std::uint64_t processes = 0;
  std::vector<ResourceSample> samples;  // by time, warm-up included
  std::string not_available;            // why there are none; empty: there are
  std::string names;                    // of the processes, for people
  std::string ended;     // why the samples end before the repetition does; empty: they do not
  bool fresh = false;    // the processes began for this repetition: it holds their warm-up
  bool by_varz = false;  // the samples are what the server says: no threads, no switches
  std::vector<ServerSample> server_says;  // of `server`, where its monitoring answers
  std::string server_silent;              // why there are none or no more of these
};

inline constexpr const char* kServerRole = "server";
inline constexpr const char* kServicesRole = "services";
inline constexpr const char* kGeneratorRole = "generator";

// More would be four a second for a day, of a role.
inline constexpr std::size_t kMostResourceSamples = 400'000;

}  // namespace natsproof
