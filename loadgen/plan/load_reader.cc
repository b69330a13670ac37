#include "loadgen/plan/load_reader.h"

#include <algorithm>
#include <cmath>

namespace natsproof {

namespace {

// Bounds that no sensible plan meets: they catch a slip of the unit or of a digit before it starts.
constexpr Range<Duration> kPhase{.min = 1ms, .max = 24h};
constexpr Range<Duration> kWarmup{.min = 0s, .max = 1h};
constexpr Range<Rate> kRate{.min = {0.001}, .max = {1e7}};
constexpr Range<Rate> kStretchRate{.min = {0}, .max = {1e7}};
constexpr Range<std::uint32_t> kUsers{.min = 1, .max = 1'000'000};
constexpr Range<std::uint32_t> kStretchUsers{.min = 0, .max = 1'000'000};
constexpr Range<std::uint32_t> kConnections{.min = 1, .max = 10'000};
constexpr Range<std::uint32_t> kWorkers{.min = 1, .max = 64};
constexpr Range<std::uint32_t> kRepetitions{.min = 1, .max = 1000};
constexpr Range<std::uint64_t> kSeeds{.min = 0, .max = UINT64_MAX};
constexpr std::size_t kMostStretches = 1000;

class LoadReader {
 public:
  LoadReader(const YamlNode& node, double time_scale, Mistakes& mistakes)
      : fields_(node, "`load`", mistakes),
        at_(node.at),
        is_map_(node.kind == YamlNode::Kind::map),
        time_scale_(time_scale),
        mistakes_(mistakes) {}

  Load read() {
    // Known, whichever model they belong to.
    for (const char* key : {"model", "arrivals", "rate", "users", "spawn", "think"}) {
      fields_.find(key);
    }
    fields_.choice<Arrivals>("arrivals", load_.arrivals,
                             {{"constant", Arrivals::constant}, {"poisson", Arrivals::poisson}});
    read_model();
    Pacing pacing{};
    if (fields_.choice<Pacing>(
            "pacing", pacing,
            {{"sleep", Pacing::sleep}, {"hybrid", Pacing::hybrid}, {"spin", Pacing::spin}}) !=
        nullptr) {
      load_.pacing = pacing;
    }
    if (const YamlNode* warmup = fields_.find("warmup")) {
      load_.warmup = duration_of(*warmup, "warmup", kWarmup, mistakes_).value_or(load_.warmup);
    }
    load_.warmup = scaled(load_.warmup);
    fields_.whole("repetitions", load_.repetitions, kRepetitions);
    fields_.whole("seed", load_.seed, kSeeds);
    read_connections();
    fields_.finish();
    return load_;
  }

 private:
  [[nodiscard]] Duration scaled(Duration d) const {
    if (time_scale_ == 1) return d;
    return Duration{std::llround(static_cast<double>(d.count()) * time_scale_)};
  }

  // A length that `--time` scales, in range before and after.
  Duration phase(const YamlNode& node, const char* name) {
    const auto written = duration_of(node, name, kPhase, mistakes_);
    if (!written) return kPhase.min;
    const Duration length = scaled(*written);
    if (length < kPhase.min || length > kPhase.max) {
      mistakes_.add(node.at, fmt::format("`{}` must be from {} to {}, and with `--time` it is {}",
                                         name, format_duration(kPhase.min),
                                         format_duration(kPhase.max), format_duration(length)));
    }
    return length;
  }

  void read_model() {
    const bool model_given = fields_.choice<LoadModel>("model", load_.model,
                                                       {{"open", LoadModel::open},
                                                        {"closed", LoadModel::closed}}) != nullptr;
    const YamlNode* rate = fields_.find("rate");
    const YamlNode* users = fields_.find("users");
    const YamlNode* duration = fields_.find("duration");
    load_.duration = duration == nullptr ? scaled(load_.duration) : phase(*duration, "duration");
    if (!model_given && rate != nullptr && users != nullptr) {
      mistakes_.add(users->at,
                    "`rate` and `users` are given together: a load is open, with a rate, or "
                    "closed, with users");
      return;
    }
    if (!model_given && rate == nullptr && users == nullptr) {
      if (is_map_) mistakes_.add(at_, "`load` needs `rate` (open loop) or `users` (closed loop)");
      return;
    }
    if (!model_given) load_.model = users != nullptr ? LoadModel::closed : LoadModel::open;
    if (load_.model == LoadModel::open) {
      read_open(rate, duration);
    } else {
      read_closed(rate, users, duration);
    }
  }

  void read_open(const YamlNode* rate, const YamlNode* duration) {
    for (const char* key : {"users", "spawn", "think"}) refuse(key, "closed", "open");
    if (rate == nullptr) {
      mistakes_.add(at_, "an open loop needs `rate`, as in `rate: 2000/s`");
    } else if (rate->kind == YamlNode::Kind::list) {
      read_profile(*rate, duration);
    } else if (rate->kind == YamlNode::Kind::map) {
      mistakes_.add(rate->at,
                    "`rate` must be a rate, as in 2000/s, or a list of stretches, as in "
                    "[{for: 10s, rate: 500/s}, {for: 30s, from: 500/s, to: 5000/s}]");
    } else if (const auto value = rate_of(*rate, "rate", kRate, mistakes_)) {
      load_.profile = {{.length = load_.duration, .from = *value, .to = *value}};
    }
  }

  // Whether a list's stretches can be read, and nothing beside it says how long they take.
  bool may_be_profile(const YamlNode& list, const YamlNode* duration) {
    if (duration != nullptr) {
      mistakes_.add(duration->at,
                    "`duration` does not go with a profile, whose stretches have lengths of their "
                    "own: leave it out");
    }
    if (!list.items.empty() && list.items.size() <= kMostStretches) return true;
    mistakes_.add(list.at, fmt::format("a profile must have 1 to {} stretches, not {}",
                                       kMostStretches, list.items.size()));
    return false;
  }

  // The sum of the stretches.
  template <typename Stretches>
  void set_duration(const YamlNode& list, const Stretches& stretches) {
    load_.duration = Duration{};
    for (const auto& stretch : stretches) load_.duration += stretch.length;
    if (load_.duration > kPhase.max) {
      mistakes_.add(list.at,
                    fmt::format("the profile takes {}, at most {} are allowed",
                                format_duration(load_.duration), format_duration(kPhase.max)));
    }
  }

  void check_step_or_ramp(const YamlNode& node, const char* step, bool has_step, bool has_from,
                          bool has_to) {
    if (node.kind == YamlNode::Kind::map &&
        (has_step ? has_from || has_to : !has_from || !has_to)) {
      mistakes_.add(
          node.at,
          fmt::format("a stretch has either `{}` (a step) or `from` and `to` (a ramp)", step));
    }
  }

  void read_profile(const YamlNode& list, const YamlNode* duration) {
    if (!may_be_profile(list, duration)) return;
    bool sends = false;
    for (const YamlNode& item : list.items) {
      load_.profile.push_back(read_stretch(item));
      // One that could not be read has had its mistake.
      sends = sends || load_.profile.back().from.per_s != 0 || load_.profile.back().to.per_s != 0;
    }
    if (!sends) mistakes_.add(list.at, "the profile never sends anything: all its rates are 0");
    set_duration(list, load_.profile);
  }

  Stretch read_stretch(const YamlNode& node) {
    Stretch stretch{.length = kPhase.min, .from = {1}, .to = {1}};
    Fields fields(node, "a stretch of `rate`", mistakes_);
    if (const YamlNode* length = fields.require("for")) {
      stretch.length = phase(*length, "for");
    }
    const auto rate = [&](const char* key, Rate& to) {
      const YamlNode* value = fields.find(key);
      if (value == nullptr) return false;
      to = rate_of(*value, key, kStretchRate, mistakes_).value_or(to);
      return true;
    };
    const bool has_rate = rate("rate", stretch.from);
    if (has_rate) stretch.to = stretch.from;
    const bool has_from = rate("from", stretch.from);
    const bool has_to = rate("to", stretch.to);
    check_step_or_ramp(node, "rate", has_rate, has_from, has_to);
    fields.finish();
    return stretch;
  }

  void read_closed(const YamlNode* rate, const YamlNode* users, const YamlNode* duration) {
    if (rate != nullptr) refuse("rate", "open", "closed");
    refuse("arrivals", "open", "closed");
    const YamlNode* spawn = fields_.find("spawn");
    if (users == nullptr) {
      fields_.require("users");
    } else if (users->kind == YamlNode::Kind::list) {
      read_user_profile(*users, spawn, duration);
    } else if (users->kind == YamlNode::Kind::map) {
      mistakes_.add(users->at,
                    "`users` must be a number, as in 100, or a list of stretches, as in "
                    "[{for: 2s, from: 0, to: 100}, {for: 20s, users: 100}]");
    } else {
      fields_.whole("users", load_.users, kUsers);
    }
    if (spawn != nullptr && load_.user_profile.empty()) load_.spawn = read_spawn(*spawn);
    if (const YamlNode* think = fields_.find("think")) {
      const auto time = duration_range_of(*think, "think", kThink, mistakes_);
      if (time) load_.think = {.min = time->min, .max = time->max};
    }
  }

  // Users come in the warm-up, which `--time` scales: so as many come in it as are written.
  std::optional<Rate> read_spawn(const YamlNode& node) {
    auto spawn = rate_of(node, "spawn", kRate, mistakes_);
    if (!spawn || time_scale_ == 1) return spawn;
    spawn->per_s /= time_scale_;
    if (spawn->per_s < kRate.min.per_s || spawn->per_s > kRate.max.per_s) {
      mistakes_.add(
          node.at,
          fmt::format("`spawn` must be from {} to {}, and with `--time` it is {}",
                      format_rate(kRate.min), format_rate(kRate.max), format_rate(*spawn)));
    }
    return spawn;
  }

  void read_user_profile(const YamlNode& list, const YamlNode* spawn, const YamlNode* duration) {
    if (spawn != nullptr) {
      mistakes_.add(spawn->at,
                    "`spawn` does not go with a profile, which says itself how many users there "
                    "are: leave it out");
    }
    if (!may_be_profile(list, duration)) return;
    for (const YamlNode& item : list.items) {
      const UserStretch stretch = read_user_stretch(item);
      load_.user_profile.push_back(stretch);
      const double most = std::max(stretch.from, stretch.to);
      load_.users = std::max(load_.users, static_cast<std::uint32_t>(most));
    }
    if (load_.users == 0) mistakes_.add(list.at, "the profile never has a user");
    set_duration(list, load_.user_profile);
  }

  UserStretch read_user_stretch(const YamlNode& node) {
    UserStretch stretch{.length = kPhase.min, .from = 1, .to = 1};
    Fields fields(node, "a stretch of `users`", mistakes_);
    if (const YamlNode* length = fields.require("for")) {
      stretch.length = phase(*length, "for");
    }
    const auto users = [&](const char* key, double& to) {
      std::uint32_t read = 1;
      if (fields.whole(key, read, kStretchUsers) == nullptr) return false;
      to = read;
      return true;
    };
    const bool has_users = users("users", stretch.from);
    if (has_users) stretch.to = stretch.from;
    const bool has_from = users("from", stretch.from);
    const bool has_to = users("to", stretch.to);
    check_step_or_ramp(node, "users", has_users, has_from, has_to);
    fields.finish();
    return stretch;
  }

  void refuse(const char* key, const char* belongs_to, const char* is) {
    if (const YamlNode* node = fields_.find(key)) {
      mistakes_.add(node->at,
                    fmt::format("`{}` belongs to a load of `model: {}`, and this one is {}", key,
                                belongs_to, is));
    }
  }

  void read_connections() {
    const YamlNode* connections = fields_.find("connections");
    if (connections != nullptr) fields_.whole("connections", load_.connections, kConnections);
    const YamlNode* workers = fields_.find("workers");
    if (workers != nullptr) fields_.whole("workers", load_.workers, kWorkers);
    if (workers != nullptr && load_.workers > load_.connections) {
      mistakes_.add(
          workers->at,
          fmt::format("{} workers share {} connection{}: a connection belongs to one "
                      "worker, so there must be at least as many connections",
                      load_.workers, load_.connections, load_.connections == 1 ? "" : "s"));
    }
    if (connections != nullptr && load_.users > 0 && load_.connections > load_.users) {
      mistakes_.add(connections->at,
                    fmt::format("{} connections for {} user{}: a user has one request under way, "
                                "so more connections than users stay idle",
                                load_.connections, load_.users, load_.users == 1 ? "" : "s"));
    }
  }

  Fields fields_;
  Position at_;
  bool is_map_;
  double time_scale_;
  Mistakes& mistakes_;
  Load load_;
};

}  // namespace

Load read_load(const YamlNode& node, double time_scale, Mistakes& mistakes) {
  return LoadReader(node, time_scale, mistakes).read();
}

}  // namespace natsproof
