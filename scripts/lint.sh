#!/usr/bin/env bash
# clang-format and clang-tidy over the given files, or over all tracked ones. Needs clang-format-14 and clang-tidy-14.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
(($#)) || { mapfile -t files < <(git ls-files '*.h' '*.cc') && set -- "${files[@]}"; }

clang-format-14 --dry-run --Werror "$@"
cmake --preset dev-clang >/dev/null # for compile_commands.json
printf '%s\n' "$@" | { grep '\.cc$' || true; } |
  xargs --no-run-if-empty -P "$(nproc)" -n 1 clang-tidy-14 -p build/dev-clang --quiet
