#include "loadgen/plan/abort_reader.h"

#include <algorithm>
#include <string>
#include <vector>

namespace natsproof {

namespace {

constexpr Range<Duration> kLasting{.min = 1s, .max = 1h};

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  for (std::size_t at = 0; (at = text.find_first_not_of(" \t\n", at)) != std::string::npos;) {
    const std::size_t end = std::min(text.find_first_of(" \t\n", at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end;
  }
  return words;
}

}  // namespace

std::optional<AbortLimit> read_abort(const YamlNode& node, Mistakes& mistakes) {
  const std::string* text = text_of(node, "abort", mistakes);
  if (text == nullptr) return std::nullopt;
  const std::vector<std::string> words = words_of(*text);
  if (words.size() != 5 || words[0] != "errors" || words[1] != ">" || words[3] != "for") {
    mistakes.add(node.at,
                 fmt::format("`abort` reads as in `errors > 50% for 5s`, not {}", in_ticks(*text)));
    return std::nullopt;
  }
  YamlNode part = node;
  part.text = words[2];
  const auto share = share_of(part, "abort", 0, mistakes);
  part.text = words[4];
  const auto lasting = duration_of(part, "abort", kLasting, mistakes);
  if (share && *share >= 1) {
    mistakes.add(node.at, "`abort`: no second has more than 100% of errors; ask for less");
    return std::nullopt;
  }
  if (lasting && *lasting % 1s != Duration::zero()) {
    mistakes.add(node.at, fmt::format("`abort` counts whole seconds, not {}", in_ticks(words[4])));
    return std::nullopt;
  }
  if (!share || !lasting) return std::nullopt;
  return AbortLimit{.errors = *share,
                    .lasting = *lasting,
                    .text = fmt::format("errors > {} for {}", words[2], words[4])};
}

}  // namespace natsproof
