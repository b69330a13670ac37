#include "loadgen/plan/file_text.h"

#include <cerrno>
#include <cstring>
#include <fstream>

#include <fmt/format.h>

#include "base/units.h"

namespace natsproof {

Result<std::string> read_file_text(const std::filesystem::path& path, std::size_t max_bytes) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (error) return Error{error.message()};
  // Reading a pipe or a device could take for ever.
  if (!std::filesystem::is_regular_file(status)) return Error{"not a regular file"};
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (error) return Error{error.message()};
  if (size > max_bytes) {
    return Error{fmt::format("{} are more than the {} allowed", format_bytes(size),
                             format_bytes(max_bytes))};
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) return Error{std::strerror(errno)};
  std::string text(size, '\0');
  in.read(text.data(), static_cast<std::streamsize>(size));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

}  // namespace natsproof
