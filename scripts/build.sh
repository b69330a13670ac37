#!/usr/bin/env bash
# Builds one preset of CMakePresets.json into build/<preset>: scripts/build.sh PRESET [TARGET]...
# Says nothing when it succeeds, but for a line of progress on a terminal; prints the whole log when it fails.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

preset=${1:?"usage: scripts/build.sh PRESET [TARGET]..."}
shift
log=build/$preset.log
mkdir -p build

# Shows how far the build is, `[12/80]`, on a line that goes away again.
progress() {
  local line
  while read -r line; do
    [[ ! -t 2 || $line != \[*/*\]* ]] || printf '\rbuild: %s %s]\033[K' "$preset" "${line%%]*}" >&2
  done
  [[ ! -t 2 ]] || printf '\r\033[K' >&2
}

[[ -e build/$preset/build.ninja ]] || echo "build: preset $preset, from nothing: a few minutes" >&2
! command -v ccache >/dev/null || export CMAKE_CXX_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER-ccache}
if ! { cmake --preset "$preset" && cmake --build --preset "$preset" ${*:+--target "$@"}; } 2>&1 |
  tee "$log" | progress; then
  cat "$log" >&2
  echo "build: preset $preset failed" >&2
  exit 1
fi
