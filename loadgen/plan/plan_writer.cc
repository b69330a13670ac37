#include <array>

#include <fmt/format.h>
#include <yaml-cpp/emitter.h>
#include <yaml-cpp/emittermanip.h>
#include <yaml-cpp/stlemitter.h>

#include "loadgen/plan/plan_file.h"

namespace natsproof {

namespace {

// The largest unit that divides it, so that reading gives the same nanoseconds.
std::string written(Duration value) {
  struct Unit {
    Duration length;
    std::string_view name;
  };
  constexpr std::array<Unit, 4> kUnits{{{1s, "s"}, {1ms, "ms"}, {1us, "us"}, {1ns, "ns"}}};
  for (const Unit& unit : kUnits) {
    if (value % unit.length == Duration::zero()) {
      return fmt::format("{}{}", value / unit.length, unit.name);
    }
  }
  return {};
}

// fmt's `{}` is the shortest text that reads as the same double.
std::string written(Rate value) {
  return fmt::format("{}/s", value.per_s);
}

std::string written(const ThinkTime& think) {
  if (think.min == think.max) return written(think.min);
  return written(think.min) + ".." + written(think.max);
}

std::string written(CountRange value) {
  if (value.min == value.max) return fmt::format("{}", value.min);
  return fmt::format("{}..{}", value.min, value.max);
}

// The shortest percentage that reads as the same share. A double times 100 is exact as a long
// double.
std::string written_share(double value) {
  constexpr int kEnoughDigits = 25;
  std::string text;
  for (int digits = 0; digits <= kEnoughDigits; ++digits) {
    text = fmt::format("{:.{}f}%", static_cast<long double>(value) * 100, digits);
    const auto read = parse_share(text);
    if (read && *read == value) break;
  }
  return text;
}

class Writer {
 public:
  // A text of the user's, whatever is in it.
  void quoted(const char* key, const std::string& text) {
    out_ << YAML::Key << key << YAML::Value << YAML::DoubleQuoted << text;
  }
  template <typename T>
  void plain(const char* key, const T& value) {
    out_ << YAML::Key << key << YAML::Value << value;
  }

  std::string write(const Plan& plan) {
    out_ << YAML::BeginMap;
    quoted("name", plan.name);
    if (!plan.about.empty()) quoted("about", plan.about);
    out_ << YAML::Key << "services" << YAML::Value << YAML::Flow << plan.services;
    plain("client", std::string(client_name(plan.client)));
    plain("service_client", std::string(client_name(plan.service_client)));
    plain("instances", plan.instances);
    if (plan.inline_neighbours) plain("inline", true);
    write_specs("work", plan.work);
    write_specs("faults", plan.faults);
    out_ << YAML::Key << "load" << YAML::Value;
    write_load(plan.load, !plan.users.empty());
    if (!plan.users.empty()) write_users(plan);
    out_ << YAML::Key << "tasks" << YAML::Value << YAML::BeginSeq;
    for (const Task& task : plan.tasks) write_task(task, plan.users.empty());
    out_ << YAML::EndSeq;
    if (!plan.claims.empty()) {
      out_ << YAML::Key << "claims" << YAML::Value << YAML::BeginSeq;
      for (const Claim& claim : plan.claims) out_ << claim.text;
      out_ << YAML::EndSeq;
    }
    if (plan.abort) quoted("abort", plan.abort->text);
    if (plan.trace) plain("trace", true);
    plain("covers", written(plan.covers));
    if (!plan.gates.empty()) {
      out_ << YAML::Key << "gates" << YAML::Value << YAML::BeginMap;
      for (const auto& [name, limit] : plan.gates) plain(name.c_str(), written_share(limit));
      out_ << YAML::EndMap;
    }
    out_ << YAML::EndMap;
    return std::string(out_.c_str()) + "\n";
  }

 private:
  void write_specs(const char* key, const std::map<std::string, std::string>& specs) {
    if (specs.empty()) return;
    out_ << YAML::Key << key << YAML::Value << YAML::BeginMap;
    for (const auto& [service, spec] : specs) quoted(service.c_str(), spec);
    out_ << YAML::EndMap;
  }

  // Kinds of users think as they do, and do their tasks as often.
  void write_load(const Load& load, bool has_kinds) {
    out_ << YAML::BeginMap;
    if (load.model == LoadModel::open) {
      plain("model", "open");
      plain("arrivals", load.arrivals == Arrivals::poisson ? "poisson" : "constant");
      write_rate(load.profile);
    } else {
      plain("model", "closed");
      write_user_count(load);
      if (load.spawn) plain("spawn", written(*load.spawn));
      if (!has_kinds) plain("think", written(load.think));
    }
    plain("connections", load.connections);
    plain("workers", load.workers);
    if (load.pacing) plain("pacing", std::string(pacing_name(*load.pacing)));
    plain("warmup", written(load.warmup));
    if (load.model == LoadModel::closed ? load.user_profile.empty() : is_steady(load.profile)) {
      plain("duration", written(load.duration));
    }
    plain("repetitions", load.repetitions);
    plain("seed", load.seed);
    out_ << YAML::EndMap;
  }

  static bool is_steady(const std::vector<Stretch>& profile) {
    return profile.size() == 1 && profile[0].from == profile[0].to;
  }

  void write_rate(const std::vector<Stretch>& profile) {
    if (is_steady(profile)) {
      plain("rate", written(profile[0].from));
      return;
    }
    out_ << YAML::Key << "rate" << YAML::Value << YAML::BeginSeq;
    for (const Stretch& stretch : profile) {
      out_ << YAML::Flow << YAML::BeginMap;
      plain("for", written(stretch.length));
      if (stretch.from == stretch.to) {
        plain("rate", written(stretch.from));
      } else {
        plain("from", written(stretch.from));
        plain("to", written(stretch.to));
      }
      out_ << YAML::EndMap;
    }
    out_ << YAML::EndSeq;
  }

  void write_user_count(const Load& load) {
    if (load.user_profile.empty()) return plain("users", load.users);
    out_ << YAML::Key << "users" << YAML::Value << YAML::BeginSeq;
    for (const UserStretch& stretch : load.user_profile) {
      out_ << YAML::Flow << YAML::BeginMap;
      plain("for", written(stretch.length));
      if (stretch.from == stretch.to) {
        plain("users", static_cast<std::uint64_t>(stretch.from));
      } else {
        plain("from", static_cast<std::uint64_t>(stretch.from));
        plain("to", static_cast<std::uint64_t>(stretch.to));
      }
      out_ << YAML::EndMap;
    }
    out_ << YAML::EndSeq;
  }

  void write_users(const Plan& plan) {
    out_ << YAML::Key << "users" << YAML::Value << YAML::BeginSeq;
    for (const UserKind& kind : plan.users) {
      out_ << YAML::Flow << YAML::BeginMap;
      quoted("name", kind.name);
      plain("weight", fmt::format("{}", kind.weight));
      plain("think", written(kind.think));
      out_ << YAML::Key << "tasks" << YAML::Value << YAML::Flow << YAML::BeginMap;
      for (std::size_t task = 0; task < plan.tasks.size(); ++task) {
        if (kind.tasks[task] == 0) continue;
        out_ << YAML::Key << YAML::DoubleQuoted << plan.tasks[task].name << YAML::Value
             << fmt::format("{}", kind.tasks[task]);
      }
      out_ << YAML::EndMap << YAML::EndMap;
    }
    out_ << YAML::EndSeq;
  }

  void write_task(const Task& task, bool weighted) {
    out_ << YAML::BeginMap;
    quoted("name", task.name);
    if (weighted) plain("weight", fmt::format("{}", task.weight));
    const bool endpoint = task.subject.empty();
    quoted(endpoint ? "endpoint" : "subject", endpoint ? task.endpoint : task.subject);
    out_ << YAML::Key << (endpoint ? "payload" : "request") << YAML::Value;
    write_payload(task);
    if (task.expect == Expect::answer) {
      plain("codec", std::string(codec_name(task.codec)));
      plain("encode", std::string(encode_name(task.encode)));
    }
    if (!task.inject.empty()) write_inject(task.inject);
    if (!task.headers.empty()) {
      out_ << YAML::Key << "headers" << YAML::Value << YAML::BeginMap;
      for (const auto& [key, value] : task.headers) {
        out_ << YAML::Key << YAML::DoubleQuoted << key << YAML::Value << YAML::DoubleQuoted
             << value;
      }
      out_ << YAML::EndMap;
    }
    plain("timeout", written(task.timeout));
    write_expect(task);
    out_ << YAML::EndMap;
  }

  void write_payload(const Task& task) {
    if (task.payloads.empty()) {
      out_ << YAML::Flow << YAML::BeginMap;
      if (task.payload_file.empty()) {
        plain("bytes", task.payload_bytes);
      } else {
        quoted("file", task.payload_file);
      }
      out_ << YAML::EndMap;
      return;
    }
    const bool list = task.payloads.size() > 1;
    if (list) out_ << YAML::BeginSeq;
    for (const PayloadSpec& spec : task.payloads) {
      out_ << YAML::Flow << YAML::BeginMap;
      if (list) plain("weight", fmt::format("{}", spec.weight));
      out_ << YAML::Key << std::string(payload_kind_name(spec.kind)) << YAML::Value;
      write_amount(spec);
      out_ << YAML::EndMap;
    }
    if (list) out_ << YAML::EndSeq;
  }

  void write_amount(const PayloadSpec& spec) {
    if (spec.kind == PayloadKind::bytes) {
      out_ << written(spec.count);
      return;
    }
    out_ << YAML::Flow << YAML::BeginMap;
    switch (spec.kind) {
      case PayloadKind::order:
        plain("items", written(spec.count));
        if (spec.declined) plain("declined", true);
        break;
      case PayloadKind::order_batch:
        plain("orders", written(spec.count));
        plain("items", written(spec.items_each));
        break;
      case PayloadKind::events:
        plain("count", written(spec.count));
        break;
      case PayloadKind::bulk:
        plain("items", written(spec.count));
        plain("bytes_each", spec.bytes_each);
        if (spec.reply_keys) plain("reply", "keys");
        break;
      case PayloadKind::bytes:
      case PayloadKind::order_id:
      case PayloadKind::probe:
      case PayloadKind::empty:
        break;
    }
    out_ << YAML::EndMap;
  }

  void write_inject(const std::vector<Injection>& inject) {
    out_ << YAML::Key << "inject" << YAML::Value << YAML::Flow << YAML::BeginMap;
    for (const Injection& injection : inject) {
      const std::string_view kind = injection.kind ? invalid_kind_name(*injection.kind) : "invalid";
      plain(std::string(kind).c_str(), written_share(injection.share));
    }
    out_ << YAML::EndMap;
  }

  void write_expect(const Task& task) {
    switch (task.expect) {
      case Expect::same:
        return plain("expect", "same");
      case Expect::no_error:
        return plain("expect", "no_error");
      case Expect::answer:
        return plain("verify", std::string(verify_name(task.verify)));
      case Expect::contains:
      case Expect::equals:
        break;
    }
    out_ << YAML::Key << "expect" << YAML::Value << YAML::Flow << YAML::BeginMap;
    if (task.expect == Expect::contains) {
      quoted("contains", task.expected);
    } else {
      quoted("equals_file", task.expected_file);
    }
    out_ << YAML::EndMap;
  }

  YAML::Emitter out_;
};

}  // namespace

std::string write_plan_yaml(const Plan& plan) {
  return Writer().write(plan);
}

}  // namespace natsproof
