#include "loadgen/engine/event_log.h"

#include <algorithm>

#include <fmt/format.h>

namespace natsproof {

void EventLog::note(std::string_view what, Place place, std::string_view why, Instant at) {
  auto event = std::find_if(events_.begin(), events_.end(), [&](const Event& known) {
    return known.what == what && known.why == why && known.is_floor == place.is_floor;
  });
  if (event == events_.end()) {
    if (events_.size() >= kMost) return;
    events_.push_back({.what = std::string(what),
                       .why = std::string(why),
                       .is_floor = place.is_floor,
                       .connections = {},
                       .first = at});
    event = events_.end() - 1;
  }
  event->connections.insert(place.connection);
  event->last = at;
  ++event->times;
}

void EventLog::tell(Instant start, std::vector<std::string>& to) const {
  const auto offset = [start](Instant at) {
    return fmt::format("{:+.3f} s", static_cast<double>((at - start).count()) * 1e-9);
  };
  for (const Event& event : events_) {
    std::string when = offset(event.first);
    if (event.times > 1) when += fmt::format(" to {}, {} times", offset(event.last), event.times);
    const std::string where = event.connections.size() == 1
                                  ? fmt::format("connection {}{}", *event.connections.begin(),
                                                event.is_floor ? " (floor)" : "")
                                  : fmt::format("{} connections", event.connections.size());
    to.push_back(
        fmt::format("{}: worker {}, {}: {}: {}", when, worker_, where, event.what, event.why));
  }
}

}  // namespace natsproof
