# Sourced by the tests of this folder. Arguments: <folder to work in> <cmake> <natsproof> <generator> <-Dname=value of a configuration>...
work=$1 cmake=$2 natsproof=$3 generator=$4
options=("${@:5}")
shop=$(cd "$(dirname "${BASH_SOURCE[0]}")/shop" && pwd)
mkdir -p "$work"

fail() {
  echo "FAILED: $*"
  exit 1
}
# What natsproof itself needs and a schema does not is not to be found.
for package in Boost CLI11 OpenSSL PkgConfig ZLIB cnats nlohmann_json spdlog yaml-cpp; do
  options+=("-DCMAKE_DISABLE_FIND_PACKAGE_$package=ON")
done
rm -rf "$work/shared"
mkdir "$work/shared"
cp -r "$shop/../shared/money" "$work/shared"
# configure <SAMPLES> [MORE]: the shop's project; what CMake says goes to configure.log.
configure() {
  "$cmake" -S "$shop" -B "$work/build" -G "$generator" "-DNATSPROOF=$natsproof" "-DSHARED=$work/shared" \
    "-DSAMPLES=$1" "-DMORE=${2-}" "${options[@]}" >"$work/configure.log" 2>&1
}
# says <file> <text>: CMake breaks its lines where it likes.
says() {
  tr -s ' \n' ' ' <"$1" | grep -qF -- "$2" || { cat "$1"; fail "'$2' is not in $(basename "$1")"; }
}
