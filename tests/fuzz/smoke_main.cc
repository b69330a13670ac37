// main() for fuzz targets where libFuzzer is not linked: replays every file of a corpus folder,
// then mutations of them that are the same on every machine. An input that kills the target is left
// in `fuzz-smoke-crash` in the working directory.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "base/random.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" __attribute__((weak)) void __sanitizer_set_death_callback(void (*callback)());

namespace {

using natsproof::Random;

constexpr int kMutations = 20'000;
constexpr std::chrono::seconds kLongest{5};
constexpr std::size_t kMostBytes = 1 << 16;

std::string input;  // what the target is being given, for save_input()

// Async-signal-safe.
void save_input() {
  const int file = open("fuzz-smoke-crash", O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (file < 0) return;
  const ssize_t written = write(file, input.data(), input.size());
  constexpr char kSaved[] = "the input is in fuzz-smoke-crash\n";
  if (written >= 0 && write(STDERR_FILENO, kSaved, sizeof kSaved - 1) < 0) _exit(1);
  close(file);
}

void on_crash(int signal) {
  save_input();
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

std::vector<std::string> read_corpus(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.is_regular_file()) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> corpus;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return corpus;
}

void mutate(std::string& bytes, const std::vector<std::string>& corpus, Random& random) {
  const auto position = [&] { return static_cast<std::size_t>(random.below(bytes.size() + 1)); };
  const auto short_length = [&] { return static_cast<std::size_t>(1 + random.below(16)); };
  const auto byte = [&] { return static_cast<char>(random.below(256)); };
  switch (random.below(7)) {
    case 0:  // flip a bit
      if (!bytes.empty())
        bytes[random.below(bytes.size())] ^= static_cast<char>(1 << random.below(8));
      break;
    case 1:  // change a byte
      if (!bytes.empty()) bytes[random.below(bytes.size())] = byte();
      break;
    case 2:  // cut the end off
      bytes.resize(position());
      break;
    case 3:  // cut a piece out
      bytes.erase(position(), short_length());
      break;
    case 4:  // insert bytes
      bytes.insert(position(), short_length(), byte());
      break;
    case 5: {  // repeat a piece
      const std::string piece = bytes.substr(position(), short_length());
      bytes.insert(position(), piece);
      break;
    }
    default: {  // go on as another file does
      const std::string& other = corpus[random.below(corpus.size())];
      bytes.resize(position());
      bytes += other.substr(random.below(other.size() + 1));
    }
  }
  if (bytes.size() > kMostBytes) bytes.resize(kMostBytes);
}

void give() {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s CORPUS_FOLDER\n", argv[0]);
    return 2;
  }
  const std::vector<std::string> corpus =
      std::filesystem::is_directory(argv[1]) ? read_corpus(argv[1]) : std::vector<std::string>{};
  if (corpus.empty()) {
    std::fprintf(stderr, "%s holds no inputs to begin with\n", argv[1]);
    return 1;
  }
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) std::signal(signal, on_crash);
  if (__sanitizer_set_death_callback != nullptr) __sanitizer_set_death_callback(save_input);

  for (const std::string& file : corpus) {
    input = file;
    give();
  }
  const auto start = std::chrono::steady_clock::now();
  Random random(1);
  int mutations = 0;
  while (mutations < kMutations && std::chrono::steady_clock::now() - start < kLongest) {
    input = corpus[random.below(corpus.size())];
    for (std::uint64_t changes = 1 + random.below(4); changes > 0; --changes) {
      mutate(input, corpus, random);
    }
    give();
    ++mutations;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::printf("%zu files replayed, %d mutations in %.1f s\n", corpus.size(), mutations,
              took.count());
  return 0;
}
