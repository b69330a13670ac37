#!/usr/bin/env bash
# Builds and runs the microbenchmarks in Release; arguments go to natsproof-bench, e.g. --benchmark_filter=order-10 or
# --budget results/20260301T120000Z-baseline; --help lists them.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

"$root/scripts/setup.sh" --test
"$root/scripts/build.sh" release natsproof-bench
exec "$root/build/release/bench/natsproof-bench" "$@"
