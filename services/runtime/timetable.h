// What is to be done at an instant, in its order. One thread at a time.
#pragma once

#include <functional>
#include <map>
#include <utility>

#include "base/time.h"

namespace natsproof {

class Timetable {
 public:
  void add(Instant at, std::function<void()> what) { entries_.emplace(at, std::move(what)); }
  // Instant::max(): nothing is to be done.
  [[nodiscard]] Instant next() const {
    return entries_.empty() ? Instant::max() : entries_.begin()->first;
  }
  // Does the first one. REQUIRES: there is one.
  void do_next() {
    // Taken out first: it may well add another.
    const auto entry = entries_.extract(entries_.begin());
    entry.mapped()();
  }

 private:
  std::multimap<Instant, std::function<void()>> entries_;
};

}  // namespace natsproof
