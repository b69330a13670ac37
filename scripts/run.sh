#!/usr/bin/env bash
# From a bare Debian 12 or 13 machine to a verdict: installs what is missing, builds, and runs `natsproof run baseline`.
# Arguments replace the `baseline`: scripts/run.sh PLAN, or scripts/run.sh --server URL --subject S --rate R --claim C.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

"$root/scripts/setup.sh"
"$root/scripts/build.sh" release

(($#)) || set -- baseline
export PATH=$PATH:/usr/sbin # where Debian puts nats-server, and not on everybody's path
exec "$root/build/release/natsproof" run "$@"
