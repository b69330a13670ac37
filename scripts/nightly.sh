#!/usr/bin/env bash
# What takes too long for every change: everything everywhere. Hours on two cores.
#
#   scripts/nightly.sh                  all parts, one after another
#   scripts/nightly.sh asan-ubsan fuzz  these
#   scripts/nightly.sh --list           their names
#
# A part's output is in build/nightly/<part>.log; the end of it is printed where the part fails. A part that cannot be run
# here (no Go, no debootstrap) fails too. The last line is the sum; the exit status is 1 if a part failed.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

# suite <folder> <preset> [<option of cmake>...]: all test programs and all their cases, whatever the preset leaves out.
suite() {
  local folder=build/nightly/$1 preset=$2
  shift 2
  cmake --preset "$preset" -B "$folder" -DNATSPROOF_TESTS='.*' -DNATSPROOF_RUN_TESTS='*' "$@"
  cmake --build "$folder" --target checks
  ctest --test-dir "$folder" --output-on-failure --parallel "$((2 * $(nproc)))"
}
# built <preset> <target>...: in the preset's own folder.
built() {
  cmake --preset "$1" && cmake --build "build/$1" --target "${@:2}"
}

part_dev-clang() { suite dev-clang dev-clang; }
part_asan-ubsan() { suite asan-ubsan asan-ubsan; }
part_tsan() { suite tsan tsan; }
# Each file includes what it uses.
part_no-precompiled-headers() {
  local preset
  for preset in dev dev-clang; do
    cmake --preset "$preset" -B "build/nightly/$preset-no-pch" -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON -DCMAKE_UNITY_BUILD=OFF
    cmake --build "build/nightly/$preset-no-pch" --target all checks
  done
}
part_grid() {
  built dev sim_judge
  NATSPROOF_WHOLE_GRID=1 build/dev/tests/sim_judge --gtest_filter='*GridOf*'
}
part_restarts() {
  built dev integration_services
  NATSPROOF_RESTARTS=100 build/dev/tests/integration_services --gtest_filter='*Restart*'
}
# Ten minutes a parser; what breaks one is left in build/nightly.
part_fuzz() {
  built fuzz checks
  local program name
  for program in build/fuzz/tests/fuzz/fuzz_*; do
    [[ -f $program && -x $program ]] || continue
    name=${program##*/fuzz_}
    mkdir -p "build/nightly/corpus/$name"
    "$program" -max_total_time=600 -artifact_prefix="build/nightly/$name-" "build/nightly/corpus/$name" "tests/fuzz/corpus/$name"
  done
}
part_mutants() { scripts/mutants.sh && scripts/mutants.sh "$(scripts/llvm.sh clang++)"; }
part_lint() { scripts/lint.sh; }
part_bookworm-run() { scripts/bare-root.sh bookworm run; }
part_bookworm-test() { scripts/bare-root.sh bookworm test; }
part_trixie-run() { scripts/bare-root.sh trixie run; }
part_trixie-test() { scripts/bare-root.sh trixie test; }
part_newest-server() {
  NATSPROOF_NATS_SERVER=$(scripts/newest-server.sh)
  export NATSPROOF_NATS_SERVER
  built dev checks
  ctest --preset dev -L integration --parallel "$((2 * $(nproc)))"
}

mapfile -t all < <(declare -F | sed -n 's/^declare -f part_//p')
[[ ${1-} != --list ]] || { printf '%s\n' "${all[@]}" && exit; }
(($#)) || set -- "${all[@]}"
for part in "$@"; do
  [[ " ${all[*]} " == *" $part "* ]] || { echo "nightly: there is no part '$part'; there are: ${all[*]}" >&2 && exit 2; }
done

scripts/setup.sh --test
export PATH=$PATH:/usr/sbin # where Debian puts nats-server, and not on everybody's path
mkdir -p build/nightly
passed=0 failed=0
for part in "$@"; do
  log=build/nightly/$part.log
  SECONDS=0 status=0
  # A shell of its own, for `set -e` does not hold in what has its status looked at.
  bash -euo pipefail -c "$(declare -f); part_$part" >"$log" 2>&1 || status=$?
  if ((status == 0)); then
    passed=$((passed + 1))
    echo "nightly: $part passed, $((SECONDS / 60)) min"
  else
    failed=$((failed + 1))
    echo "nightly: $part FAILED with status $status after $((SECONDS / 60)) min; the end of $log:"
    tail -n 40 "$log"
  fi
done
echo "$passed passed, $failed failed"
exit $((failed > 0))
