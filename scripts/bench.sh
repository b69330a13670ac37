#!/usr/bin/env bash
# Builds and runs the microbenchmarks in Release; arguments go to Google Benchmark, e.g. --benchmark_filter=parse.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

"$root/scripts/setup.sh" --test
"$root/scripts/build.sh" release natsproof-bench
exec "$root/build/release/bench/natsproof-bench" "$@"
