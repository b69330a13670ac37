#include "models/codegen/pattern.h"

#include <algorithm>
#include <deque>
#include <limits>
#include <map>
#include <memory>
#include <utility>

#include <fmt/format.h>

namespace natsproof {
namespace {

constexpr char32_t kLastCodePoint = 0x10ffff;
constexpr int kUnlimited = -1;
constexpr int kMostRepeats = 1000;  // as RE2
constexpr std::size_t kMostNfaStates = 200'000;
constexpr int kMostGroups = 200;

[[noreturn]] void refuse(std::size_t position, const std::string& what) {
  throw PatternError(fmt::format(
      "at byte {}: {}. Supported are literals, escapes (\\d \\w \\s \\D \\W \\S \\t \\n \\r \\f "
      "\\v "
      "\\a \\x41 \\x{{20ac}}, \\ before punctuation), ., [classes], (groups), (?:groups), |, *, +, "
      "?, {{m}}, {{m,}} and {{m,n}}, between ^ and $",
      position, what));
}

struct Range {
  char32_t low, high;
};

// Sorted and disjoint, once tidied.
using Set = std::vector<Range>;

Set tidied(Set set) {
  std::sort(set.begin(), set.end(), [](Range a, Range b) { return a.low < b.low; });
  Set tidy;
  for (const Range range : set) {
    if (!tidy.empty() && range.low <= tidy.back().high + 1)
      tidy.back().high = std::max(tidy.back().high, range.high);
    else
      tidy.push_back(range);
  }
  return tidy;
}

Set complement(const Set& set) {
  Set rest;
  char32_t low = 0;
  for (const Range range : tidied(set)) {
    if (range.low > low) rest.push_back({low, range.low - 1});
    low = range.high + 1;
  }
  if (low <= kLastCodePoint) rest.push_back({low, kLastCodePoint});
  return rest;
}

void append(Set& to, const Set& set) {
  to.insert(to.end(), set.begin(), set.end());
}

// The class of \d, \w, \s and their opposites; empty for other letters.
Set perl_class(char letter) {
  switch (letter) {
    case 'd':
      return {{'0', '9'}};
    case 'w':
      return {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
    case 's':
      return {{'\t', '\n'}, {'\f', '\r'}, {' ', ' '}};
    case 'D':
      return complement(perl_class('d'));
    case 'W':
      return complement(perl_class('w'));
    case 'S':
      return complement(perl_class('s'));
    default:
      return {};
  }
}

struct Node {
  enum class Kind { set, sequence, alternatives, repeat };
  Kind kind = Kind::sequence;
  Set set;
  std::vector<Node> parts;  // of a repeat: one
  int least = 0, most = 0;
};

class Parser {
 public:
  explicit Parser(std::string_view pattern) : pattern_(pattern) {}

  Node parse() {
    if (!take('^')) refuse(0, "a pattern begins with ^, for it is about the whole text");
    Node whole = sequence();
    if (peek() == '|') refuse(at_, "alternatives of the whole need a group: ^(?:a|b)$");
    if (peek() == ')') refuse(at_, "this ) closes nothing");
    if (!take('$')) refuse(at_, "a pattern ends with $, for it is about the whole text");
    if (!done()) refuse(at_ - 1, "$ stands at the end only; write \\$ for the character");
    return whole;
  }

 private:
  [[nodiscard]] bool done() const { return at_ == pattern_.size(); }
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < pattern_.size() ? pattern_[at_ + ahead] : '\0';
  }
  bool take(char c) {
    if (done() || pattern_[at_] != c) return false;
    ++at_;
    return true;
  }

  Node alternatives() {
    Node node{.kind = Node::Kind::alternatives};
    do node.parts.push_back(sequence());
    while (take('|'));
    return node;
  }

  // Up to the |, ) or $ behind it, or the end.
  Node sequence() {
    Node node{.kind = Node::Kind::sequence};
    while (!done() && peek() != '|' && peek() != ')' && peek() != '$')
      node.parts.push_back(repeated(atom()));
    return node;
  }

  Node repeated(Node what) {
    const std::size_t start = at_;
    int least = 0, most = 0;
    if (take('*')) {
      most = kUnlimited;
    } else if (take('+')) {
      least = 1, most = kUnlimited;
    } else if (take('?')) {
      most = 1;
    } else if (take('{')) {
      least = count(start);
      most = least;
      if (take(',')) most = peek() == '}' ? kUnlimited : count(start);
      if (!take('}')) refuse(start, "{ begins a repetition; write \\{ for the character");
      if (most != kUnlimited && most < least) refuse(start, "the repetition's limits are reversed");
    } else {
      return what;
    }
    if (peek() == '?')
      refuse(at_, "lazy repetition means nothing for a whole text; leave the ? out");
    if (peek() == '*' || peek() == '+' || peek() == '{')
      refuse(at_, "a repetition of a repetition needs a group");
    Node node{.kind = Node::Kind::repeat, .least = least, .most = most};
    node.parts.push_back(std::move(what));
    return node;
  }

  int count(std::size_t start) {
    const std::size_t first = at_;
    int value = 0;
    while (peek() >= '0' && peek() <= '9' && value <= kMostRepeats)
      value = value * 10 + (pattern_[at_++] - '0');
    if (at_ == first) refuse(start, "{ begins a repetition; write \\{ for the character");
    if (value > kMostRepeats) refuse(start, fmt::format("more than {} repetitions", kMostRepeats));
    return value;
  }

  Node atom() {
    const std::size_t start = at_;
    switch (peek()) {
      case '(':
        return group();
      case '[':
        return set_node(bracket(), start);
      case '.':
        ++at_;
        return set_node(complement({{'\n', '\n'}}), start);
      case '*':
      case '+':
      case '?':
        refuse(start, fmt::format("nothing to repeat before {}", peek()));
      case '{':
        refuse(start, "{ begins a repetition; write \\{ for the character");
      case '^':
        refuse(start, "^ stands at the start only; write \\^ for the character");
      case '\\':
        if (Set set = perl_class(peek(1)); !set.empty()) {
          at_ += 2;
          return set_node(std::move(set), start);
        }
        [[fallthrough]];
      default: {
        const char32_t c = character();
        return set_node({{c, c}}, start);
      }
    }
  }

  static Node set_node(Set set, std::size_t start) {
    set = tidied(std::move(set));
    if (set.empty()) refuse(start, "nothing is in this class");
    return {.kind = Node::Kind::set, .set = std::move(set)};
  }

  Node group() {
    const std::size_t start = at_++;
    if (take('?') && !take(':'))
      refuse(start,
             "of the groups with (? only (?:…) is supported, no look-around, flags or names");
    if (++depth_ > kMostGroups)
      refuse(start, fmt::format("more than {} groups in groups", kMostGroups));
    Node node = alternatives();
    --depth_;
    if (peek() == '$') refuse(at_, "$ stands at the end only; write \\$ for the character");
    if (!take(')')) refuse(start, "this ( is not closed");
    return node;
  }

  Set bracket() {
    const std::size_t start = at_++;
    const bool negated = take('^');
    Set set;
    for (bool first = true; first || peek() != ']'; first = false) {
      if (done()) refuse(start, "this [ is not closed");
      if (peek() == '[' && (peek(1) == ':' || peek(1) == '.' || peek(1) == '='))
        refuse(at_, fmt::format("classes such as [{}alpha{}] are not supported", peek(1), peek(1)));
      const std::size_t range_start = at_;
      if (const Set perl = peek() == '\\' ? perl_class(peek(1)) : Set(); !perl.empty()) {
        at_ += 2;
        append(set, perl);
        if (peek() == '-' && peek(1) != ']') refuse(range_start, "a range ends with a character");
        continue;
      }
      const char32_t low = character();
      char32_t high = low;
      if (peek() == '-' && peek(1) != ']' && at_ + 1 < pattern_.size()) {
        ++at_;
        if (peek() == '\\' && !perl_class(peek(1)).empty())
          refuse(range_start, "a range ends with a character");
        high = character();
      }
      if (high < low) refuse(range_start, "the range is reversed");
      set.push_back({low, high});
    }
    ++at_;  // ]
    return negated ? complement(set) : set;
  }

  // A literal or escaped one.
  char32_t character() {
    const std::size_t start = at_;
    if (!take('\\')) return code_point();
    if (done()) refuse(start, "\\ at the end");
    const char c = pattern_[at_++];
    switch (c) {
      case 't':
        return '\t';
      case 'n':
        return '\n';
      case 'r':
        return '\r';
      case 'f':
        return '\f';
      case 'v':
        return '\v';
      case 'a':
        return '\a';
      case 'x':
        return hexadecimal(start);
      default:
        break;
    }
    const bool is_punctuation = c > ' ' && c < 0x7f && !(c >= '0' && c <= '9') &&
                                !(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z');
    if (!is_punctuation) refuse(start, fmt::format("\\{} is not supported", c));
    return static_cast<unsigned char>(c);
  }

  char32_t hexadecimal(std::size_t start) {
    const bool braces = take('{');
    char32_t value = 0;
    std::size_t digits = 0;
    while (!done() && (braces ? peek() != '}' : digits < 2)) {
      const char c = pattern_[at_++];
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      if (digit < 0 || ++digits > 8) refuse(start, "\\x takes two digits, or some in braces");
      value = value * 16 + static_cast<char32_t>(digit);
    }
    if (digits < (braces ? 1 : 2) || (braces && !take('}')))
      refuse(start, "\\x takes two digits, or some in braces");
    if (value > kLastCodePoint || (value >= 0xd800 && value <= 0xdfff))
      refuse(start, "no such code point");
    return value;
  }

  // protoc has checked that options are UTF-8.
  char32_t code_point() {
    const auto first = static_cast<unsigned char>(pattern_[at_++]);
    if (first < 0x80) return first;
    const int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
    char32_t value = first & (0x3f >> more);
    for (int i = 0; i < more; ++i) {
      if (done()) refuse(at_, "this is not UTF-8");
      value = value << 6 | (static_cast<unsigned char>(pattern_[at_++]) & 0x3f);
    }
    return value;
  }

  std::string_view pattern_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

// Thompson's automaton over bytes.
struct Nfa {
  struct Edge {
    int low, high, to;
  };
  struct State {
    std::vector<Edge> edges;
    std::vector<int> free;  // without a byte
  };
  std::vector<State> states;

  int add() {
    if (states.size() == kMostNfaStates) throw PatternError("it repeats too much to be compiled");
    states.emplace_back();
    return static_cast<int>(states.size()) - 1;
  }

  // The state from which `node` leads to `next`.
  int build(const Node& node, int next) {
    switch (node.kind) {
      case Node::Kind::set: {
        const int start = add();
        for (const Range range : node.set) add_range(range.low, range.high, start, next);
        return start;
      }
      case Node::Kind::sequence: {
        for (auto part = node.parts.rbegin(); part != node.parts.rend(); ++part)
          next = build(*part, next);
        return next;
      }
      case Node::Kind::alternatives: {
        const int start = add();
        for (const Node& part : node.parts) {
          const int first = build(part, next);
          states[start].free.push_back(first);
        }
        return start;
      }
      case Node::Kind::repeat:
        break;
    }
    return build_repeat(node, next);
  }

  int build_repeat(const Node& node, int next) {
    int start = next;
    if (node.most == kUnlimited) {
      start = add();
      const int body = build(node.parts[0], start);
      states[start].free = {body, next};
    }
    for (int i = node.least; i < node.most; ++i) {
      const int choice = add();
      const int body = build(node.parts[0], start);
      states[choice].free = {body, next};
      start = choice;
    }
    for (int i = 0; i < node.least; ++i) start = build(node.parts[0], start);
    return start;
  }

  // Cuts the range into pieces whose encodings are every combination of one range per byte.
  void add_range(char32_t low, char32_t high, int from, int next) {
    constexpr std::array<char32_t, 5> kLasts{0x7f, 0x7ff, 0xd7ff, 0xdfff, 0xffff};
    for (const char32_t last : kLasts) {
      if (low <= last && high > last) {
        add_range(low, last, from, next);
        add_range(last + 1, high, from, next);
        return;
      }
    }
    if (low >= 0xd800 && high <= 0xdfff) return;  // surrogates: not in UTF-8
    const int more = low <= 0x7f ? 0 : low <= 0x7ff ? 1 : low <= 0xffff ? 2 : 3;
    for (int i = more; i > 0; --i) {  // the last i bytes must range fully, or above them be equal
      const char32_t mask = (char32_t{1} << (6 * i)) - 1;
      if ((low & ~mask) == (high & ~mask)) continue;
      if ((low & mask) != 0) {
        add_range(low, low | mask, from, next);
        add_range((low | mask) + 1, high, from, next);
        return;
      }
      if ((high & mask) != mask) {
        add_range(low, (high & ~mask) - 1, from, next);
        add_range(high & ~mask, high, from, next);
        return;
      }
    }
    constexpr std::array<int, 4> kMarks{0, 0xc0, 0xe0, 0xf0};
    for (int i = more; i >= 0; --i) {
      const int mark = i == more ? kMarks[more] : 0x80;
      const auto bits = [&](char32_t c) {
        return mark | static_cast<int>(c >> (6 * i) & (i == more ? 0x7f : 0x3f));
      };
      const int to = i == 0 ? next : add();
      states[from].edges.push_back({bits(low), bits(high), to});
      from = to;
    }
  }
};

// The states reachable without a byte, those of use only, sorted.
std::vector<int> closure(const Nfa& nfa, std::vector<int> states, std::vector<char>& seen) {
  std::vector<int> all;
  while (!states.empty()) {
    const int state = states.back();
    states.pop_back();
    if (seen[state]) continue;
    seen[state] = 1;
    all.push_back(state);
    for (const int next : nfa.states[state].free) states.push_back(next);
  }
  for (const int state : all) seen[state] = 0;
  std::sort(all.begin(), all.end());
  return all;
}

struct Dfa {
  std::array<std::uint8_t, 256> class_of{};
  int classes = 0;
  std::vector<std::vector<int>> next;  // of [state][class]; state 0 is the empty set: dead
  std::vector<char> accepts;
};

void find_classes(const Nfa& nfa, Dfa& dfa) {
  std::array<bool, 257> begins{};
  for (const Nfa::State& state : nfa.states) {
    for (const Nfa::Edge& edge : state.edges) begins[edge.low] = begins[edge.high + 1] = true;
  }
  for (int byte = 0; byte < 256; ++byte) {
    if (byte > 0 && begins[byte]) ++dfa.classes;
    dfa.class_of[byte] = static_cast<std::uint8_t>(dfa.classes);
  }
  ++dfa.classes;
}

Dfa determinised(const Nfa& nfa, int start, int accept) {
  Dfa dfa;
  find_classes(nfa, dfa);
  std::vector<char> seen(nfa.states.size());
  std::map<std::vector<int>, int> numbers;
  std::vector<std::vector<int>> sets;
  const auto number_of = [&](const std::vector<int>& set) {
    const auto [place, is_new] = numbers.emplace(set, static_cast<int>(sets.size()));
    if (is_new) {
      if (sets.size() == Automaton::kMostStates) {
        throw PatternError(
            fmt::format("it needs more than {} states; use max_chars instead of large repetitions",
                        Automaton::kMostStates));
      }
      sets.push_back(set);
    }
    return place->second;
  };
  number_of({});
  number_of(closure(nfa, {start}, seen));
  for (std::size_t state = 0; state < sets.size(); ++state) {
    std::vector<std::vector<int>> targets(dfa.classes);
    for (const int member : sets[state]) {
      for (const Nfa::Edge& edge : nfa.states[member].edges) {
        for (int c = dfa.class_of[edge.low]; c <= dfa.class_of[edge.high]; ++c)
          targets[c].push_back(edge.to);
      }
    }
    dfa.accepts.push_back(std::binary_search(sets[state].begin(), sets[state].end(), accept));
    std::vector<int>& row = dfa.next.emplace_back(dfa.classes);
    for (int c = 0; c < dfa.classes; ++c) row[c] = number_of(closure(nfa, targets[c], seen));
  }
  return dfa;
}

// Hopcroft's: which block of equivalent states each state is in.
std::vector<int> equivalence(const Dfa& dfa) {
  const int states = static_cast<int>(dfa.next.size());
  std::vector<std::vector<std::vector<int>>> sources(dfa.classes,
                                                     std::vector<std::vector<int>>(states));
  for (int state = 0; state < states; ++state) {
    for (int c = 0; c < dfa.classes; ++c) sources[c][dfa.next[state][c]].push_back(state);
  }
  std::vector<std::vector<int>> blocks(2);
  std::vector<int> block_of(states);
  for (int state = 0; state < states; ++state) {
    block_of[state] = dfa.accepts[state] ? 1 : 0;
    blocks[block_of[state]].push_back(state);
  }
  std::deque<int> waiting{0, 1};
  std::vector<char> waits{1, 1};
  while (!waiting.empty()) {
    const std::vector<int> splitter = blocks[waiting.front()];
    waits[waiting.front()] = 0;
    waiting.pop_front();
    for (int c = 0; c < dfa.classes; ++c) {
      std::map<int, std::vector<int>> leading;  // by block: its states that lead into the splitter
      for (const int target : splitter) {
        for (const int source : sources[c][target]) leading[block_of[source]].push_back(source);
      }
      for (const auto& [block, members] : leading) {
        if (members.size() == blocks[block].size()) continue;
        const int fresh = static_cast<int>(blocks.size());
        for (const int member : members) block_of[member] = fresh;
        blocks.push_back(members);
        std::vector<int>& old = blocks[block];
        std::erase_if(old, [&](int member) { return block_of[member] == fresh; });
        const int smaller = members.size() < old.size() ? fresh : block;
        const int pushed = waits[block] ? fresh : smaller;
        waits.push_back(0);
        if (!waits[pushed]) {
          waits[pushed] = 1;
          waiting.push_back(pushed);
        }
      }
    }
  }
  return block_of;
}

// Numbers the blocks: dead, then the others in the order they are met from the start, accepting
// ones last.
Automaton numbered(const Dfa& dfa, const std::vector<int>& block_of) {
  std::map<int, int> state_of_block{{block_of[0], 0}};  // any of its states
  std::vector<int> order{block_of[0]};
  const auto meet = [&](int state) {
    if (state_of_block.emplace(block_of[state], state).second) order.push_back(block_of[state]);
  };
  meet(1);
  for (std::size_t i = 0; i < order.size(); ++i) {
    for (const int to : dfa.next[state_of_block[order[i]]]) meet(to);
  }
  const auto accepts = [&](int block) { return dfa.accepts[state_of_block[block]] != 0; };
  std::stable_partition(order.begin() + 1, order.end(), [&](int block) { return !accepts(block); });
  std::map<int, int> number;
  for (std::size_t i = order.size(); i-- > 0;) number[order[i]] = static_cast<int>(i);

  // Columns that are equal in every state are one class.
  std::map<std::vector<int>, int> columns;
  std::vector<int> merged(dfa.classes), representative;
  for (int c = 0; c < dfa.classes; ++c) {
    std::vector<int> column;
    for (const int block : order)
      column.push_back(number[block_of[dfa.next[state_of_block[block]][c]]]);
    const auto [place, is_new] = columns.emplace(column, static_cast<int>(columns.size()));
    if (is_new) representative.push_back(c);
    merged[c] = place->second;
  }
  Automaton automaton;
  automaton.classes = columns.size();
  for (int byte = 0; byte < 256; ++byte)
    automaton.class_of[byte] = static_cast<std::uint8_t>(merged[dfa.class_of[byte]]);
  automaton.start = static_cast<std::size_t>(number[block_of[1]]);
  automaton.first_accepting = order.size();
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (accepts(order[i])) automaton.first_accepting = std::min(automaton.first_accepting, i);
    for (const int c : representative) {
      const int to = number[block_of[dfa.next[state_of_block[order[i]]][c]]];
      automaton.next.push_back(static_cast<std::uint16_t>(to));
    }
  }
  return automaton;
}

}  // namespace

bool Automaton::accepts(std::string_view text) const {
  std::size_t state = start;
  for (const char c : text) state = next[state * classes + class_of[static_cast<unsigned char>(c)]];
  return state >= first_accepting;
}

Automaton compile_pattern(std::string_view pattern) {
  const Node whole = Parser(pattern).parse();
  Nfa nfa;
  const int accept = nfa.add();
  const int start = nfa.build(whole, accept);
  const Dfa dfa = determinised(nfa, start, accept);
  Automaton automaton = numbered(dfa, equivalence(dfa));
  if (automaton.next.size() > Automaton::kMostEntries) {
    throw PatternError(fmt::format("it needs {} states for {} kinds of bytes, which is too large",
                                   automaton.states(), automaton.classes));
  }
  return automaton;
}

}  // namespace natsproof
