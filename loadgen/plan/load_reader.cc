#include "loadgen/plan/load_reader.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace natsproof {

namespace {

// Bounds that no sensible plan meets: they catch a slip of the unit or of a digit before it starts.
constexpr Range<Duration> kPhase{.min = 1ms, .max = 24h};
constexpr Range<Duration> kWarmup{.min = 0s, .max = 1h};
constexpr Range<Duration> kThink{.min = 0s, .max = 1h};
constexpr Range<Rate> kRate{.min = {0.001}, .max = {1e7}};
constexpr Range<Rate> kStretchRate{.min = {0}, .max = {1e7}};
constexpr Range<std::uint32_t> kUsers{.min = 1, .max = 1'000'000};
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
      read_closed(rate);
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

  void read_profile(const YamlNode& list, const YamlNode* duration) {
    if (duration != nullptr) {
      mistakes_.add(duration->at,
                    "`duration` does not go with a profile, whose stretches have lengths of their "
                    "own: leave it out");
    }
    if (list.items.empty() || list.items.size() > kMostStretches) {
      mistakes_.add(list.at, fmt::format("a profile must have 1 to {} stretches, not {}",
                                         kMostStretches, list.items.size()));
      return;
    }
    bool sends = false;
    for (const YamlNode& item : list.items) {
      load_.profile.push_back(read_stretch(item));
      // One that could not be read has had its mistake.
      sends = sends || load_.profile.back().from.per_s != 0 || load_.profile.back().to.per_s != 0;
    }
    if (!sends) mistakes_.add(list.at, "the profile never sends anything: all its rates are 0");
    load_.duration =
        std::accumulate(load_.profile.begin(), load_.profile.end(), Duration{},
                        [](Duration sum, const Stretch& stretch) { return sum + stretch.length; });
    if (load_.duration > kPhase.max) {
      mistakes_.add(list.at,
                    fmt::format("the profile takes {}, at most {} are allowed",
                                format_duration(load_.duration), format_duration(kPhase.max)));
    }
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
    if (node.kind == YamlNode::Kind::map &&
        (has_rate ? has_from || has_to : !has_from || !has_to)) {
      mistakes_.add(node.at, "a stretch has either `rate` (a step) or `from` and `to` (a ramp)");
    }
    fields.finish();
    return stretch;
  }

  void read_closed(const YamlNode* rate) {
    if (rate != nullptr) refuse("rate", "open", "closed");
    refuse("arrivals", "open", "closed");
    if (fields_.require("users") != nullptr) fields_.whole("users", load_.users, kUsers);
    if (const YamlNode* spawn = fields_.find("spawn")) {
      load_.spawn = rate_of(*spawn, "spawn", kRate, mistakes_);
    }
    if (const YamlNode* think = fields_.find("think")) read_think(*think);
  }

  void read_think(const YamlNode& node) {
    const std::string* text = text_of(node, "think", mistakes_);
    if (text == nullptr) return;
    const std::size_t dots = text->find("..");
    YamlNode part = node;
    part.text = text->substr(0, dots);
    const auto min = duration_of(part, "think", kThink, mistakes_);
    if (dots != std::string::npos) part.text = text->substr(dots + 2);
    const auto max =
        dots == std::string::npos ? min : duration_of(part, "think", kThink, mistakes_);
    if (!min || !max) return;
    if (*min > *max) {
      mistakes_.add(node.at, fmt::format("`think`: {} begins above its end", in_ticks(*text)));
      return;
    }
    load_.think = {.min = *min, .max = *max};
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
