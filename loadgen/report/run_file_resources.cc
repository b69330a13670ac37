#include <charconv>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "loadgen/report/run_file_json.h"

namespace natsproof {
namespace {

using Json = nlohmann::ordered_json;

// A column of whole numbers as text, `5 1 -2` for 5, 6, 4: the first one and the differences. A run
// has many seconds, and most differences are one or two digits.
std::string column_text(const auto& samples, auto figure) {
  std::string text;
  std::int64_t before = 0;
  for (const auto& sample : samples) {
    const auto value = static_cast<std::int64_t>(figure(sample));
    fmt::format_to(std::back_inserter(text), "{}{}", text.empty() ? "" : " ", value - before);
    before = value;
  }
  return text;
}

// Reads it back into the figures of `samples`, which it makes where there are none yet.
void read_column(const JsonNode& node, auto& samples, bool first, auto keep) {
  const std::string text = node.text();
  const char* at = text.data();
  const char* const end = at + text.size();
  std::size_t count = 0;
  std::int64_t value = 0;
  constexpr auto kMost = static_cast<std::int64_t>(JsonNode::kMostCounted);
  while (at != end && node.ok()) {
    std::int64_t difference = 0;
    const auto [next, error] = std::from_chars(at, end, difference);
    const bool is_number = error == std::errc{} && (next == end || *next == ' ') &&
                           difference >= -kMost && difference <= kMost;
    if (!is_number) return node.fail("whole numbers with a blank between them expected");
    value += difference;
    if (value < 0 || value > kMost)
      return node.fail(fmt::format("its entry {} is out of range", count + 1));
    if (count >= kMostResourceSamples)
      return node.fail(fmt::format("more than {} samples", kMostResourceSamples));
    if (first) samples.emplace_back();
    if (count >= samples.size()) break;
    keep(samples[count], static_cast<std::uint64_t>(value));
    ++count;
    at = next == end ? end : next + 1;
  }
  if (count != samples.size() || at != end)
    node.fail(fmt::format("not as many entries as `at_ms` has, {}: the file is cut or was edited",
                          samples.size()));
}

// Later samples must not lie before earlier ones.
void expect_order(const JsonNode& node, const auto& samples) {
  for (std::size_t i = 1; i < samples.size(); ++i) {
    if (samples[i].at < samples[i - 1].at) return node.fail("its times go back: it was edited");
  }
}

std::int64_t whole_ms(Duration time) {
  return time / 1ms;
}

Duration of_ms(std::uint64_t ms) {
  return 1ms * static_cast<std::int64_t>(ms);
}

constexpr std::uint64_t kKib = 1024;
constexpr double kThousandths = 1000;
constexpr std::size_t kMostRoles = 16;

Json server_says_json(const ResourceRecord& record) {
  const auto column = [&](auto figure) { return column_text(record.server_says, figure); };
  return {{"at_ms", column([](const ServerSample& s) { return whole_ms(s.at); })},
          {"cpu_thousandths",
           column([](const ServerSample& s) { return std::llround(s.cpu_share * kThousandths); })},
          {"resident_kib", column([](const ServerSample& s) { return s.resident_bytes / kKib; })},
          {"connections", column([](const ServerSample& s) { return s.connections; })},
          {"slow_consumers", column([](const ServerSample& s) { return s.slow_consumers; })},
          {"in_messages", column([](const ServerSample& s) { return s.in_messages; })},
          {"out_messages", column([](const ServerSample& s) { return s.out_messages; })}};
}

Json samples_json(const ResourceRecord& record) {
  const auto column = [&](auto figure) { return column_text(record.samples, figure); };
  return {{"at_ms", column([](const ResourceSample& s) { return whole_ms(s.at); })},
          {"cpu_ms", column([](const ResourceSample& s) { return whole_ms(s.cpu); })},
          {"resident_kib", column([](const ResourceSample& s) { return s.resident_bytes / kKib; })},
          {"threads", column([](const ResourceSample& s) { return s.threads; })},
          {"voluntary", column([](const ResourceSample& s) { return s.voluntary_switches; })},
          {"involuntary", column([](const ResourceSample& s) { return s.involuntary_switches; })}};
}

void read_samples(const JsonNode& node, std::vector<ResourceSample>& samples) {
  using Sample = ResourceSample;
  read_column(node.at("at_ms"), samples, true, [](Sample& s, auto v) { s.at = of_ms(v); });
  expect_order(node.at("at_ms"), samples);
  const auto column = [&](const char* name, auto keep) {
    read_column(node.at(name), samples, false, keep);
  };
  column("cpu_ms", [](Sample& s, auto v) { s.cpu = of_ms(v); });
  column("resident_kib", [](Sample& s, auto v) { s.resident_bytes = v * kKib; });
  column("threads", [](Sample& s, auto v) { s.threads = v; });
  column("voluntary", [](Sample& s, auto v) { s.voluntary_switches = v; });
  column("involuntary", [](Sample& s, auto v) { s.involuntary_switches = v; });
}

void read_server_says(const JsonNode& node, std::vector<ServerSample>& samples) {
  using Sample = ServerSample;
  read_column(node.at("at_ms"), samples, true, [](Sample& s, auto v) { s.at = of_ms(v); });
  expect_order(node.at("at_ms"), samples);
  const auto column = [&](const char* name, auto keep) {
    read_column(node.at(name), samples, false, keep);
  };
  column("cpu_thousandths",
         [](Sample& s, auto v) { s.cpu_share = static_cast<double>(v) / kThousandths; });
  column("resident_kib", [](Sample& s, auto v) { s.resident_bytes = v * kKib; });
  column("connections", [](Sample& s, auto v) { s.connections = v; });
  column("slow_consumers", [](Sample& s, auto v) { s.slow_consumers = v; });
  column("in_messages", [](Sample& s, auto v) { s.in_messages = v; });
  column("out_messages", [](Sample& s, auto v) { s.out_messages = v; });
}

}  // namespace

nlohmann::ordered_json resources_json(const std::vector<ResourceRecord>& resources) {
  Json json = Json::array();
  for (const ResourceRecord& record : resources) {
    json.push_back(
        {{"of", record.of},
         {"processes", record.processes},
         {"names", record.names},
         {"not_available", record.not_available},
         {"ended", record.ended},
         {"fresh", record.fresh},
         {"by_varz", record.by_varz},
         {"samples", samples_json(record)},
         {"server_says", record.server_says.empty() ? Json(nullptr) : server_says_json(record)},
         {"server_silent", record.server_silent}});
  }
  return json;
}

std::vector<ResourceRecord> read_resources(const JsonNode& node) {
  std::vector<ResourceRecord> resources;
  const std::size_t roles = node.items(kMostRoles);
  for (std::size_t i = 0; i < roles && node.ok(); ++i) {
    const JsonNode item = node.item(i);
    ResourceRecord& record = resources.emplace_back();
    record.of = item.at("of").text();
    record.processes = item.at("processes").whole();
    record.names = item.at("names").text();
    record.not_available = item.at("not_available").text();
    record.ended = item.at("ended").text();
    record.fresh = item.at("fresh").flag();
    record.by_varz = item.at("by_varz").flag();
    read_samples(item.at("samples"), record.samples);
    if (const auto says = item.find("server_says")) read_server_says(*says, record.server_says);
    record.server_silent = item.at("server_silent").text();
  }
  return resources;
}

}  // namespace natsproof
