#!/usr/bin/env bash
# Breaks the measurement on purpose, one patch of tests/mutants at a time, in a copy of the tree, and wants the simulated
# tests (sim_engine) to go red each time. A mutant that survives is a test that cannot fail.
# Argument: the compiler, g++ by default.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
compiler=${1:-g++}
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT

git -C "$root" archive HEAD | tar -x -C "$copy"
cmake -S "$copy" -B "$copy/build" -G Ninja -DCMAKE_BUILD_TYPE=Dev -DCMAKE_CXX_FLAGS_DEV=-O1 \
  -DCMAKE_CXX_COMPILER="$compiler" -DNATSPROOF_TESTS=sim_engine >/dev/null

# Prints the tests that failed; fails if the build does.
failed_tests() {
  ninja -C "$copy/build" sim_engine >"$copy/build.log" || { cat "$copy/build.log" >&2 && exit 2; }
  { "$copy/build/tests/sim_engine" --gtest_brief=1 || true; } | sed -n 's/^\[  FAILED  \] \([A-Za-z]*\.[A-Za-z0-9]*\) (.*/\1/p'
}

unharmed=$(failed_tests)
[[ -z $unharmed ]] || { echo "mutants: the tests fail without any: $unharmed" >&2 && exit 2; }
survivors=0
for patch in "$root"/tests/mutants/*.patch; do
  name=$(basename "$patch" .patch)
  (cd "$copy" && git apply "$patch")
  killers=$(failed_tests)
  (cd "$copy" && git apply --reverse "$patch")
  if [[ -n $killers ]]; then
    echo "killed:   $name, by $(wc -l <<<"$killers") tests: $(head -n 3 <<<"$killers" | paste -sd' ')"
  else
    echo "SURVIVED: $name"
    survivors=$((survivors + 1))
  fi
done
exit $((survivors > 0))
