#!/usr/bin/env bash
# Prints where the newest nats-server is, after building it with Go in build/newest-server:
#   NATSPROOF_NATS_SERVER=$(scripts/newest-server.sh) ctest --preset dev -L integration
# Its version is on stderr. Exit status 77: there is no Go here.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

PATH=$PATH:/usr/local/go/bin # where Go's own archive is unpacked, and not on everybody's path
command -v go >/dev/null || {
  echo "newest-server: there is no Go here. On Debian: apt-get install golang-go" >&2
  exit 77
}
folder=$PWD/build/newest-server
mkdir -p "$folder"
if ! GOBIN=$folder go install github.com/nats-io/nats-server/v2@latest 2>"$folder/build.log"; then
  cat "$folder/build.log" >&2
  echo "newest-server: $(go version) could not build it; is that Go recent enough, and is there a network?" >&2
  exit 1
fi
"$folder/nats-server" --version >&2
echo "$folder/nats-server"
