#!/usr/bin/env bash
# Prints where a program of LLVM is, in the version that is installed: scripts/llvm.sh clang++
# That is `clang++`, which is the release's own choice, or else the newest `clang++-N`. Exits with 1 where there is none.
set -euo pipefail
tool=${1:?"usage: scripts/llvm.sh clang++|clang-format|clang-tidy"}

command -v "$tool" || {
  newest=$(compgen -c "$tool-" | grep -xE "${tool//+/[+]}-[0-9]+" | sort -V | tail -n 1)
  command -v "$newest"
}
