#include "loadgen/plan/task_reader.h"

#include <algorithm>
#include <map>

#include "base/nearest.h"
#include "loadgen/plan/expect.h"
#include "loadgen/plan/file_text.h"
#include "loadgen/plan/payload_reader.h"
#include "messaging/headers.h"
#include "messaging/subject.h"

namespace natsproof {

namespace {

constexpr Range<Duration> kTimeout{.min = 1us, .max = 60s};  // histograms end at 60 s
constexpr std::size_t kLongestName = 64;
constexpr std::size_t kMostTasks = 100;
constexpr std::size_t kMostHeaders = 100;

class TaskReader {
 public:
  TaskReader(const YamlNode& node, const std::filesystem::path& folder, Mistakes& mistakes)
      : fields_(node, "a task", mistakes), node_(node), folder_(folder), mistakes_(mistakes) {
    read_.name_at = read_.timeout_at = node.at;
  }

  ReadTask read() {
    if (const YamlNode* name = fields_.require("name")) {
      fields_.text("name", task_.name);
      read_.name_at = name->at;
      if (name->kind == YamlNode::Kind::text) check_name(task_.name, name->at, mistakes_);
    }
    if (const YamlNode* weight = fields_.number("weight", task_.weight, kPayloadWeight)) {
      read_.weight_at = weight->at;
    }
    read_target();
    read_model();
    if (const YamlNode* headers = fields_.find("headers")) read_headers(*headers);
    if (const YamlNode* timeout = fields_.duration("timeout", task_.timeout, kTimeout)) {
      read_.timeout_at = timeout->at;
    }
    if (const YamlNode* expect = fields_.find("expect")) {
      if (takes_model_) {
        mistakes_.add(expect->at,
                      "`expect` goes with bytes; for a model the right answer is known "
                      "(`verify: full | envelope`)");
      } else {
        read_expect(*expect);
      }
    }
    fields_.finish();
    read_.task = std::move(task_);
    return std::move(read_);
  }

 private:
  void read_target() {
    const YamlNode* endpoint = fields_.text("endpoint", task_.endpoint);
    const YamlNode* subject = fields_.text("subject", task_.subject);
    const YamlNode* payload = fields_.find("payload");
    const YamlNode* request = fields_.find("request");
    if (node_.kind == YamlNode::Kind::map && (endpoint == nullptr) == (subject == nullptr)) {
      mistakes_.add(node_.at,
                    "a task has either `endpoint` (of a sample service) or `subject` (of a service "
                    "of your own)");
      return;
    }
    if (endpoint != nullptr) {
      const auto known = sample_endpoints();
      if (endpoint->kind == YamlNode::Kind::text &&
          std::find(known.begin(), known.end(), task_.endpoint) == known.end()) {
        mistakes_.add(endpoint->at, fmt::format("unknown endpoint {}{}", in_ticks(task_.endpoint),
                                                suggestion(task_.endpoint, known)));
        task_.endpoint = nearest_word(task_.endpoint, known);  // as what the rest is read
      }
      if (request != nullptr) {
        mistakes_.add(request->at, "`request` goes with `subject`; an endpoint takes `payload`");
      }
      const auto kind = payload_kind_of(task_.endpoint);
      takes_model_ = kind && *kind != PayloadKind::bytes;
      endpoint_unknown_ = !kind;
      task_.expect = takes_model_ ? Expect::answer : Expect::same;
      if (kind) read_payload(*kind, payload);
    } else if (subject != nullptr) {
      if (subject->kind == YamlNode::Kind::text) {
        const auto valid = check_subject(task_.subject, false);
        if (!valid) mistakes_.add(subject->at, valid.error().message);
      }
      if (payload != nullptr) {
        mistakes_.add(payload->at, "`payload` goes with `endpoint`; a subject takes `request`");
      }
      if (request != nullptr) read_request(*request);
    }
  }

  void read_payload(PayloadKind kind, const YamlNode* node) {
    if (node == nullptr) {
      task_.payloads = {default_payload(kind)};
    } else {
      task_.payloads = read_payloads(*node, kind, task_.endpoint, mistakes_);
    }
    if (kind != PayloadKind::bytes || task_.payloads.size() != 1) return;
    const CountRange bytes = task_.payloads.front().count;
    if (bytes.min != bytes.max) return;
    task_.payload_bytes = bytes.min;
    task_.payloads.clear();
  }

  // What only a model can have.
  void read_model() {
    const YamlNode* codec =
        fields_.choice<Encoding>("codec", task_.codec,
                                 {{std::string(codec_name(Encoding::protobuf)), Encoding::protobuf},
                                  {std::string(codec_name(Encoding::json)), Encoding::json}});
    const YamlNode* verify =
        fields_.choice<Verify>("verify", task_.verify,
                               {{std::string(verify_name(Verify::full)), Verify::full},
                                {std::string(verify_name(Verify::envelope)), Verify::envelope}});
    const YamlNode* encode =
        fields_.choice<Encode>("encode", task_.encode,
                               {{std::string(encode_name(Encode::ahead)), Encode::ahead},
                                {std::string(encode_name(Encode::inline_)), Encode::inline_}});
    const YamlNode* inject = fields_.find("inject");
    if (endpoint_unknown_) return;
    if (inject != nullptr) {
      task_.inject = read_inject(*inject, task_.endpoint, task_.codec, mistakes_);
    }
    if (takes_model_) return;
    if (codec != nullptr) {
      mistakes_.add(codec->at,
                    "`codec` goes with an endpoint that takes a model; bytes are sent "
                    "as they are");
    }
    if (encode != nullptr) {
      mistakes_.add(encode->at,
                    "`encode` goes with an endpoint that takes a model; bytes are bytes already");
    }
    if (verify != nullptr) {
      mistakes_.add(verify->at,
                    "`verify` goes with an endpoint that takes a model; `expect` says "
                    "what a reply to bytes must be");
    }
  }

  void read_request(const YamlNode& node) {
    Fields fields(node, "`request`", mistakes_);
    const YamlNode* file = fields.text("file", task_.payload_file);
    const YamlNode* bytes = fields.find("bytes");
    if (node.kind == YamlNode::Kind::map && (file == nullptr) == (bytes == nullptr)) {
      mistakes_.add(node.at, "`request` has either `file` or `bytes`");
    } else if (bytes != nullptr) {
      read_bytes(*bytes);
    } else if (file != nullptr && file->kind == YamlNode::Kind::text) {
      task_.payload = read_file(*file, "file");
    }
    fields.finish();
  }

  void read_bytes(const YamlNode& node) {
    const auto bytes = bytes_of(node, "bytes", kLargestPayloadBytes, mistakes_);
    task_.payload_bytes = bytes.value_or(task_.payload_bytes);
  }

  std::string read_file(const YamlNode& node, const char* key) {
    const auto text = read_file_text(folder_ / node.text, kLargestPayloadBytes);
    if (text) return *text;
    mistakes_.add(node.at, fmt::format("`{}`: cannot read {}: {}", key, in_ticks(node.text),
                                       text.error().message));
    return {};
  }

  void read_headers(const YamlNode& node) {
    if (node.entries.size() > kMostHeaders) {
      mistakes_.add(node.at, fmt::format("`headers` may be at most {}, not {}", kMostHeaders,
                                         node.entries.size()));
      return;
    }
    Fields fields(node, "`headers`", mistakes_);
    for (const YamlEntry& entry : node.entries) {
      std::string value;
      const YamlNode* given = fields.text(entry.key, value);
      if (given == nullptr || given->kind != YamlNode::Kind::text) continue;
      if (takes_model_ && entry.key == "Content-Type") {
        mistakes_.add(entry.at, "`Content-Type` is set as `codec` says");
      }
      task_.headers.emplace_back(entry.key, value);
      const auto block = make_headers({task_.headers.back()});
      if (!block) mistakes_.add(entry.at, block.error().message);
    }
    fields.finish();
  }

  void read_expect(const YamlNode& node) {
    if (node.kind == YamlNode::Kind::text) {
      const auto parsed = parse_expectation(node.text);
      if (parsed) {
        set_expected(parsed->expect, node, parsed->argument);
      } else {
        mistakes_.add(node.at, fmt::format("`expect`: {}", parsed.error().message));
      }
      return;
    }
    Fields fields(node, "`expect`", mistakes_);
    std::string text;
    std::string file;
    const YamlNode* contains = fields.text("contains", text);
    const YamlNode* equals = fields.text("equals_file", file);
    if (node.kind == YamlNode::Kind::map && (contains == nullptr) == (equals == nullptr)) {
      mistakes_.add(node.at, "`expect` has either `contains` or `equals_file`");
    } else if (contains != nullptr) {
      if (contains->kind == YamlNode::Kind::text && text.empty()) {
        mistakes_.add(contains->at, "`contains` is empty, which every reply does");
      }
      set_expected(Expect::contains, *contains, text);
    } else if (equals != nullptr && equals->kind == YamlNode::Kind::text) {
      set_expected(Expect::equals, *equals, file);
    }
    fields.finish();
  }

  void set_expected(Expect expect, const YamlNode& at, const std::string& argument) {
    task_.expect = expect;
    if (expect == Expect::contains) task_.expected = argument;
    if (expect == Expect::equals) {
      task_.expected_file = argument;
      YamlNode file = at;
      file.text = argument;
      task_.expected = read_file(file, "equals_file");
    }
  }

  Fields fields_;
  const YamlNode& node_;
  const std::filesystem::path& folder_;
  Mistakes& mistakes_;
  Task task_;
  bool takes_model_ = false;
  bool endpoint_unknown_ = false;  // and unlike any
  ReadTask read_;
};

}  // namespace

void check_name(const std::string& name, Position at, Mistakes& mistakes) {
  const bool good = !name.empty() && name.size() <= kLongestName && name[0] != '.' &&
                    std::all_of(name.begin(), name.end(), [](char c) {
                      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                             (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
                    });
  if (good) return;
  mistakes.add(at, fmt::format("`name` must be 1 to {} letters, digits, `_`, `-` or `.` (not "
                               "first), not {}",
                               kLongestName, in_ticks(name)));
}

std::vector<ReadTask> read_tasks(const YamlNode& node, const std::filesystem::path& folder,
                                 Mistakes& mistakes) {
  std::vector<ReadTask> tasks;
  const std::vector<YamlNode>& items = items_of(node, "tasks", mistakes);
  if (node.kind == YamlNode::Kind::list && (items.empty() || items.size() > kMostTasks)) {
    mistakes.add(node.at,
                 fmt::format("a plan must have 1 to {} tasks, not {}", kMostTasks, items.size()));
    return tasks;
  }
  std::map<std::string, Position> first;
  for (const YamlNode& item : items) {
    tasks.push_back(TaskReader(item, folder, mistakes).read());
    const std::string& name = tasks.back().task.name;
    const Position at = tasks.back().name_at;
    if (name.empty()) continue;
    if (is_metric_name(name)) {
      mistakes.add(at, fmt::format("a task must not be named like a metric: in a claim, `{}` would "
                                   "mean two things",
                                   name));
    }
    const auto [before, is_first] = first.emplace(name, at);
    if (!is_first) {
      mistakes.add(at, fmt::format("{} is the name of two tasks, first in line {}", in_ticks(name),
                                   before->second.line));
    }
  }
  return tasks;
}

}  // namespace natsproof
