#!/usr/bin/env bash
# clang-format and clang-tidy over the given files, or over all tracked ones, in the versions that are installed.
# The layout that counts is clang-format 14's, which Debian 12 has. Other versions lay some lines out otherwise; that is
# printed, and is no failure.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
(($#)) || { mapfile -t files < <(git ls-files '*.h' '*.cc') && set -- "${files[@]}"; }

# tool <name>: where it is.
tool() {
  scripts/llvm.sh "$1" || { echo "lint: $1 is not installed. On Debian: apt-get install $1" >&2 && exit 1; }
}
format=$(command -v clang-format-14 || tool clang-format)
tidy=$(tool clang-tidy)

errors=--Werror
[[ $("$format" --version) == *' version 14.'* ]] || {
  echo "lint: $("$format" --version): where it differs from version 14, version 14 is right" >&2
  errors=
}
"$format" --dry-run $errors "$@"

mapfile -t sources < <(printf '%s\n' "$@" | grep '\.cc$')
((${#sources[@]})) || exit 0
# For clang-tidy: the commands, without precompiled headers of another compiler's, and the headers that a build makes.
build=build/lint
cmake --preset dev-clang -B "$build" -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON >/dev/null
mapfile -t headers < <(ninja -C "$build" -t targets all | sed -n 's/^\([^/].*\.h\): CUSTOM_COMMAND$/\1/p')
cmake --build "$build" --target "${headers[@]}" >"$build/headers.log" || { cat "$build/headers.log" >&2 && exit 1; }
printf '%s\n' "${sources[@]}" | xargs -P "$(nproc)" -n 1 "$tidy" -p "$build" --quiet
