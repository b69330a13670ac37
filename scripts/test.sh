#!/usr/bin/env bash
# Installs what is missing, then builds and runs every test: with g++, then with clang under the address and
# undefined-behaviour sanitizers, then what has threads in it under the thread sanitizer.
# Arguments replace that list of presets: scripts/test.sh dev
#
# Stops at the first preset that fails, so that ctest's summary at the end is the one that counts.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

"$root/scripts/setup.sh" --test
(($#)) || set -- dev asan-ubsan tsan
export PATH=$PATH:/usr/sbin # where Debian puts nats-server, and not on everybody's path

for preset in "$@"; do
  "$root/scripts/build.sh" "$preset"
  echo "test: preset $preset"
  (cd "$root" && ctest --preset "$preset" --parallel "$(nproc)")
done
