// Small files of /proc and /sys.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace natsproof {

// What stands in a file, or its first 16 KiB; nothing: it is not there or may not be read.
std::optional<std::string> read_system_file(const std::filesystem::path& path);

}  // namespace natsproof
