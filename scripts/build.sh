#!/usr/bin/env bash
# Builds one preset of CMakePresets.json into build/<preset>: scripts/build.sh PRESET [TARGET]...
# Prints the whole log when it fails and nothing when it succeeds, but for the build tool's progress on a terminal.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

preset=${1:?"usage: scripts/build.sh PRESET [TARGET]..."}
shift
log=build/$preset.log
mkdir -p build

fail() {
  [[ $1 != logged ]] || cat "$log" >&2
  echo "build: preset $preset failed" >&2
  exit 1
}

command -v ccache >/dev/null && export CMAKE_CXX_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER-ccache}
cmake --preset "$preset" >"$log" 2>&1 || fail logged

[[ ! -e build/$preset/natsproof ]] && echo "build: $preset, the first time takes a few minutes" >&2
build=(cmake --build --preset "$preset" ${*:+--target "$@"})
if [[ -t 1 ]] && ! ninja -C "build/$preset" -n "$@" | grep -q 'no work to do'; then
  "${build[@]}" || fail shown
else
  "${build[@]}" >>"$log" 2>&1 || fail logged
fi
