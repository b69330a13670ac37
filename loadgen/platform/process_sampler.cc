#include "loadgen/platform/process_sampler.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace natsproof {
namespace {

constexpr std::uint64_t kMostTicks = 1'000'000'000'000'000;  // thousands of years
constexpr std::uint64_t kMostPages = std::uint64_t{1} << 44;
constexpr std::size_t kMostText = 1 << 22;  // of /proc/net/tcp: 25,000 sockets

bool to_number(std::string_view text, auto& number, int base = 10) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return error == std::errc{} && end == text.data() + text.size() && !text.empty();
}

// The next word of `text`, which is cut off it; empty: there is none.
std::string_view next_word(std::string_view& text) {
  constexpr std::string_view kSpaces = " \t\n";
  const std::size_t begin = std::min(text.find_first_not_of(kSpaces), text.size());
  const std::size_t end = std::min(text.find_first_of(kSpaces, begin), text.size());
  const std::string_view word = text.substr(begin, end - begin);
  text.remove_prefix(end);
  return word;
}

std::string_view next_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

// errno of the failure; 0: read whole, or cut at kMostText.
int read_file(const std::string& path, std::string& text) {
  text.clear();
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errno;
  int failure = 0;
  while (text.size() < kMostText) {
    std::array<char, 4096> part;
    const ssize_t got = ::read(fd, part.data(), part.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) failure = errno;
    if (got <= 0) break;
    text.append(part.data(), static_cast<std::size_t>(got));
  }
  ::close(fd);
  return failure;
}

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};
using Folder = std::unique_ptr<DIR, CloseFolder>;

// The next entry whose name begins like a number; empty: there is none.
std::string_view next_number(DIR* folder) {
  while (const dirent* entry = ::readdir(folder)) {
    if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9') return entry->d_name;
  }
  return {};
}

bool is_gone(int failure) {
  return failure == ENOENT || failure == ESRCH;
}

std::uint64_t ticks_per_s() {
  const long ticks = ::sysconf(_SC_CLK_TCK);
  return ticks > 0 ? static_cast<std::uint64_t>(ticks) : 100;
}

std::uint64_t page_bytes() {
  const long bytes = ::sysconf(_SC_PAGESIZE);
  return bytes > 0 ? static_cast<std::uint64_t>(bytes) : 4096;
}

std::string name_of(const SampledProcess& process) {
  return fmt::format("{} (pid {})", process.name, process.pid);
}

Error not_readable(const SampledProcess& process, const std::string& path, int failure) {
  if (is_gone(failure)) return {fmt::format("{} is gone", name_of(process))};
  return {fmt::format("{}: {} cannot be read: {}", name_of(process), path, std::strerror(failure))};
}

Error not_understood(const SampledProcess& process, const std::string& path) {
  return {fmt::format("{}: {} is not as proc(5) has it", name_of(process), path)};
}

// `socket:[4711]`, as a descriptor of it is linked to.
std::optional<std::uint64_t> socket_inode(std::string_view link) {
  constexpr std::string_view kBefore = "socket:[";
  if (!link.starts_with(kBefore) || !link.ends_with(']')) return std::nullopt;
  std::uint64_t inode = 0;
  if (!to_number(link.substr(kBefore.size(), link.size() - kBefore.size() - 1), inode))
    return std::nullopt;
  return inode;
}

bool holds_socket(const std::string& descriptors, const std::vector<std::uint64_t>& inodes,
                  bool& may_look) {
  const Folder folder(::opendir(descriptors.c_str()));
  if (!folder) {
    may_look &= errno != EACCES && errno != EPERM;
    return false;
  }
  for (std::string_view name = next_number(folder.get()); !name.empty();
       name = next_number(folder.get())) {
    std::array<char, 64> link;
    const std::string path = fmt::format("{}/{}", descriptors, name);
    const ssize_t length = ::readlink(path.c_str(), link.data(), link.size());
    if (length <= 0) continue;
    const auto inode = socket_inode({link.data(), static_cast<std::size_t>(length)});
    if (inode && std::find(inodes.begin(), inodes.end(), *inode) != inodes.end()) return true;
  }
  return false;
}

}  // namespace

std::optional<ProcessStat> parse_process_stat(std::string_view text, std::uint64_t ticks_per_s) {
  // The name may have blanks and parentheses in it: the last one closes it.
  const std::size_t open = text.find('(');
  const std::size_t close = text.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
    return std::nullopt;
  }
  ProcessStat stat;
  stat.name = text.substr(open + 1, close - open - 1);
  text.remove_prefix(close + 1);
  const std::string_view state = next_word(text);  // field 3
  if (state.size() != 1) return std::nullopt;
  stat.state = state.front();
  std::uint64_t user = 0, system = 0;
  for (int field = 4; field <= 22; ++field) {
    const std::string_view word = next_word(text);
    std::uint64_t* const kept = field == 14   ? &user
                                : field == 15 ? &system
                                : field == 20 ? &stat.threads
                                : field == 22 ? &stat.start_ticks
                                              : nullptr;
    if (word.empty()) return std::nullopt;
    if (kept != nullptr && (!to_number(word, *kept) || *kept > kMostTicks)) return std::nullopt;
  }
  if (text.empty()) return std::nullopt;  // the last figure may be cut
  // Whole seconds first, for the sum in ns must not overflow.
  const std::uint64_t ticks = user + system;
  constexpr std::uint64_t kMostSeconds = 9'000'000'000;
  if (ticks / ticks_per_s > kMostSeconds) return std::nullopt;
  stat.cpu = 1s * static_cast<std::int64_t>(ticks / ticks_per_s) +
             Duration{static_cast<std::int64_t>(ticks % ticks_per_s * 1'000'000'000 / ticks_per_s)};
  return stat;
}

std::optional<std::uint64_t> parse_resident(std::string_view statm, std::uint64_t page_bytes) {
  next_word(statm);
  std::uint64_t pages = 0;
  const std::string_view resident = next_word(statm);
  if (!to_number(resident, pages) || pages > kMostPages || statm.empty()) return std::nullopt;
  return pages * page_bytes;
}

std::optional<Switches> parse_switches(std::string_view status) {
  constexpr std::string_view kVoluntary = "voluntary_ctxt_switches:";
  constexpr std::string_view kInvoluntary = "nonvoluntary_ctxt_switches:";
  Switches switches;
  bool has_voluntary = false, has_involuntary = false;
  while (status.find('\n') != std::string_view::npos) {  // a line without its end may be cut
    std::string_view line = next_line(status);
    const bool voluntary = line.starts_with(kVoluntary);
    if (!voluntary && !line.starts_with(kInvoluntary)) continue;
    line.remove_prefix(voluntary ? kVoluntary.size() : kInvoluntary.size());
    std::uint64_t& count = voluntary ? switches.voluntary : switches.involuntary;
    if (!to_number(next_word(line), count) || count > kMostTicks) return std::nullopt;
    (voluntary ? has_voluntary : has_involuntary) = true;
  }
  if (!has_voluntary || !has_involuntary) return std::nullopt;
  return switches;
}

Result<ProcessSampler> ProcessSampler::open(std::vector<SampledProcess> processes,
                                            std::string proc) {
  if (processes.empty()) return Error{"no process is known"};
  ProcessSampler sampler;
  sampler.proc_ = std::move(proc);
  for (SampledProcess& process : processes) {
    Known known;
    known.folder = fmt::format("{}/{}", sampler.proc_, process.pid);
    known.process = std::move(process);
    const Result<ProcessStat> stat = sampler.stat_of(known);
    if (!stat) return stat.error();
    known.start_ticks = stat->start_ticks;
    sampler.processes_.push_back(std::move(known));
  }
  return sampler;
}

Result<std::string_view> ProcessSampler::read(const Known& known, const char* file) {
  const std::string path = fmt::format("{}/{}", known.folder, file);
  if (const int failure = read_file(path, text_); failure != 0)
    return not_readable(known.process, path, failure);
  return std::string_view(text_);
}

Result<ProcessStat> ProcessSampler::stat_of(const Known& known) {
  const auto text = read(known, "stat");
  if (!text) return text.error();
  auto stat = parse_process_stat(*text, ticks_per_s());
  if (!stat) return not_understood(known.process, known.folder + "/stat");
  if (stat->state == 'Z' || stat->state == 'X')
    return Error{fmt::format("{} has ended", name_of(known.process))};
  return *std::move(stat);
}

Result<Switches> ProcessSampler::switches_of(const Known& known) {
  const std::string tasks = known.folder + "/task";
  const Folder folder(::opendir(tasks.c_str()));
  if (!folder) return not_readable(known.process, tasks, errno);
  Switches sum;
  for (std::string_view thread = next_number(folder.get()); !thread.empty();
       thread = next_number(folder.get())) {
    const std::string path = fmt::format("{}/{}/status", tasks, thread);
    const int failure = read_file(path, text_);
    if (is_gone(failure)) continue;  // a thread that has ended meanwhile
    if (failure != 0) return not_readable(known.process, path, failure);
    const auto switches = parse_switches(text_);
    if (!switches) return not_understood(known.process, path);
    sum.voluntary += switches->voluntary;
    sum.involuntary += switches->involuntary;
  }
  return sum;
}

Result<ResourceSample> ProcessSampler::sample() {
  ResourceSample sum;
  for (const Known& known : processes_) {
    const Result<ProcessStat> stat = stat_of(known);
    if (!stat) return stat.error();
    if (stat->start_ticks != known.start_ticks)
      return Error{
          fmt::format("{} is gone: its number is another process's now", name_of(known.process))};
    const auto statm = read(known, "statm");
    if (!statm) return statm.error();
    const auto resident = parse_resident(*statm, page_bytes());
    if (!resident) return not_understood(known.process, known.folder + "/statm");
    const auto switches = switches_of(known);
    if (!switches) return switches.error();
    sum.cpu += stat->cpu;
    sum.threads += stat->threads;
    sum.resident_bytes += *resident;
    sum.voluntary_switches += switches->voluntary;
    sum.involuntary_switches += switches->involuntary;
  }
  return sum;
}

std::string ProcessSampler::names() const {
  std::string names;
  for (const Known& known : processes_)
    names += (names.empty() ? "" : ", ") + name_of(known.process);
  return names;
}

std::optional<Duration> ProcessSampler::age_of_youngest() const {
  std::string text;
  if (read_file(proc_ + "/uptime", text) != 0) return std::nullopt;
  std::string_view rest = text;
  double uptime_s = 0;
  const std::string_view word = next_word(rest);
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), uptime_s);
  if (error != std::errc{} || !(uptime_s >= 0 && uptime_s < 1e9)) return std::nullopt;
  std::uint64_t youngest = 0;
  for (const Known& known : processes_) youngest = std::max(youngest, known.start_ticks);
  const double age_s =
      uptime_s - static_cast<double>(youngest) / static_cast<double>(ticks_per_s());
  return Duration{static_cast<std::int64_t>(std::max(0.0, age_s) * 1e9)};
}

std::vector<std::uint64_t> parse_listening_inodes(std::string_view tcp, std::uint16_t port) {
  constexpr std::string_view kListening = "0A";
  std::vector<std::uint64_t> inodes;
  next_line(tcp);                                     // the heading
  while (tcp.find('\n') != std::string_view::npos) {  // a line without its end may be cut
    std::string_view line = next_line(tcp);
    next_word(line);  // its number
    const std::string_view local = next_word(line);
    next_word(line);  // the other end
    const std::string_view state = next_word(line);
    const std::size_t colon = local.rfind(':');
    std::uint16_t own_port = 0;
    if (state != kListening || colon == std::string_view::npos ||
        !to_number(local.substr(colon + 1), own_port, 16) || own_port != port) {
      continue;
    }
    for (int i = 0; i < 5; ++i) next_word(line);  // queues, timer, retransmissions, user, timeout
    std::uint64_t inode = 0;
    if (to_number(next_word(line), inode) && inode != 0) inodes.push_back(inode);
  }
  return inodes;
}

Result<SampledProcess> find_listener(std::uint16_t port, const std::string& proc) {
  std::vector<std::uint64_t> inodes;
  std::string text;
  for (const char* file : {"/net/tcp", "/net/tcp6"}) {
    if (read_file(proc + file, text) != 0) continue;
    const auto found = parse_listening_inodes(text, port);
    inodes.insert(inodes.end(), found.begin(), found.end());
  }
  if (inodes.empty())
    return Error{
        fmt::format("{}/net/tcp and tcp6 show nobody who listens on port {}: the server "
                    "may be in another network namespace",
                    proc, port)};
  const Folder folder(::opendir(proc.c_str()));
  if (!folder) return Error{fmt::format("{} cannot be read: {}", proc, std::strerror(errno))};
  bool may_look = true;
  for (std::string_view name = next_number(folder.get()); !name.empty();
       name = next_number(folder.get())) {
    SampledProcess process;
    if (!to_number(name, process.pid)) continue;
    const std::string of = fmt::format("{}/{}", proc, name);
    if (!holds_socket(of + "/fd", inodes, may_look)) continue;
    if (read_file(of + "/stat", text) != 0) continue;
    auto stat = parse_process_stat(text, ticks_per_s());
    if (!stat) continue;
    process.name = std::move(stat->name);
    return process;
  }
  return Error{fmt::format(
      "the process that listens on port {} is not to be found{}", port,
      may_look ? ": it may be in another process namespace"
               : " among those whose descriptors we may see: run as its user, or as root")};
}

}  // namespace natsproof
