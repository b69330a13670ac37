#include "loadgen/platform/system_file.h"

#include <cstdio>
#include <memory>

namespace natsproof {

std::optional<std::string> read_system_file(const std::filesystem::path& path) {
  constexpr std::size_t kMostBytes = 16 << 10;
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "re"));
  if (!file) return std::nullopt;
  std::string text(kMostBytes, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (std::ferror(file.get()) != 0) return std::nullopt;
  return text;
}

}  // namespace natsproof
