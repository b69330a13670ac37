// What a file says that a record was read from, beside the record. Plain data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace natsproof {

// A checksum of all that stands in a file, made when it was written.
enum class Seal {
  intact,
  missing,  // the file is of a version that made none
  broken,   // the file was changed afterwards
};

// Verdicts and figures as they stand in the file. Nothing is made of them: whoever reads a record
// judges it again, and tells where the two differ.
struct SavedClaim {
  std::string text, verdict;
  std::optional<double> measured, lower, upper;
  std::optional<std::uint64_t> over, planned;
};

struct SavedFile {
  Seal seal = Seal::intact;
  std::string verdict;
  std::vector<SavedClaim> claims;
};

}  // namespace natsproof
