#!/usr/bin/env bash
# Installs what is missing, then builds and runs the tests: all of them with g++, then with clang what the address and
# undefined-behaviour sanitizers can find most in, then what has threads in it under the thread sanitizer.
# Arguments replace that list of presets: scripts/test.sh dev. scripts/nightly.sh runs everything everywhere.
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
  # Tests that compute take two of these (tests/CMakeLists.txt), those that wait for a server one.
  (cd "$root" && ctest --preset "$preset" --parallel "$((2 * $(nproc)))")
done
