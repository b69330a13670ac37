#!/usr/bin/env bash
# Installs what natsproof needs from Debian's own packages; does nothing, and needs no network, when all of it is there.
#
#   scripts/setup.sh          what building and running needs
#   scripts/setup.sh --test   also what scripts/test.sh needs: the second compiler, the test and benchmark libraries,
#                             and Java and Node for the tests that talk to foreign programs
set -euo pipefail

build_packages=(
  g++ cmake ninja-build pkg-config git
  libnats-dev libfmt-dev libspdlog-dev libcli11-dev libyaml-cpp-dev nlohmann-json3-dev
  libcpp-httplib-dev libboost-math-dev zlib1g-dev libssl-dev
  libprotobuf-dev protobuf-compiler libprotoc-dev libsimdjson-dev
  nats-server
)
test_packages=(
  libgtest-dev libgmock-dev libbenchmark-dev libre2-dev
  lld # links test programs in a quarter of the time
  libhdrhistogram-java # reads our histogram files
)
# The second compiler with its sanitizers' runtime may be of any version.
has_clang() {
  local clang
  clang=$("$(dirname "${BASH_SOURCE[0]}")/llvm.sh" clang++) &&
    compgen -G "$("$clang" -print-resource-dir)/lib/*/libclang_rt.*san*" >/dev/null
}
has_clang || test_packages+=(clang libclang-rt-dev)
# The foreign programs that tests talk to may come from elsewhere.
command -v javac >/dev/null || test_packages+=(default-jdk-headless)
command -v npm >/dev/null || test_packages+=(nodejs npm)

die() {
  printf 'setup: %s\n' "$@" >&2
  exit 1
}

packages=("${build_packages[@]}")
case "${1-}" in
  '') ;;
  --test) packages+=("${test_packages[@]}") ;;
  *) die "unknown argument '$1'; the only one is --test" ;;
esac

command -v dpkg-query >/dev/null && command -v apt-get >/dev/null ||
  die "this is not a Debian system (no dpkg-query or apt-get)." \
    "Install by hand what these Debian packages hold, then build with: cmake --preset release && cmake --build --preset release" \
    "${packages[*]}"

installed=" $(dpkg-query --show --showformat='${db:Status-Status}=${Package} ' "${packages[@]}" 2>/dev/null || true)"
missing=()
for package in "${packages[@]}"; do
  [[ $installed == *" installed=$package "* ]] || missing+=("$package")
done
((${#missing[@]})) || exit 0

as_root=()
if ((EUID != 0)); then
  command -v sudo >/dev/null ||
    die "these Debian packages are missing, and installing them needs root (you are not, and there is no sudo)." \
      "As root: apt-get update && apt-get install --no-install-recommends ${missing[*]}"
  as_root=(sudo)
fi

{
  echo "setup: installs these Debian packages and what they depend on, with ${as_root[*]:+${as_root[*]} }apt-get (a few minutes):"
  echo "setup:   ${missing[*]}"
  if [[ " ${missing[*]} " == *' nats-server '* && -d /run/systemd/system ]]; then
    echo "setup: the package nats-server also starts a service on 127.0.0.1:4222; natsproof starts its own server and does not need it."
  fi
} >&2

log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
    -o DPkg::Lock::Timeout=300 -o Acquire::Retries=2 "$@" >>"$log" 2>&1
}
# A repository that cannot be reached is apt's business as long as the packages can be had from the others.
apt update || true
if ! apt install --no-install-recommends "${missing[@]}"; then
  tail -n 20 "$log" >&2
  die "apt-get could not install the packages above; the end of what it said stands before this line." \
    "Is there a network, and does /etc/apt list Debian 12 (bookworm) or later, section main?"
fi
