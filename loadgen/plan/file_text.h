// A whole file as text, when it is a regular one of bounded size.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "base/result.h"

namespace natsproof {

// Errors say why in the system's words, without the path.
Result<std::string> read_file_text(const std::filesystem::path& path, std::size_t max_bytes);

}  // namespace natsproof
