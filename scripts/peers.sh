#!/usr/bin/env bash
# natsproof's load generator beside another one, `nats bench service request` of the nats command line: same server, same
# service (`nats bench service serve`, which is nats.go's), 128-byte requests, closed loop. Prints both figures and their
# ratio; two minutes, once both are built. Needs Go, which builds the nats command line into build/peers.
# Exit status: 0, 1 on a failure, 77 where there is no Go or the nats command line cannot be built.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
version=v0.5.1
nats=$root/build/peers/nats-$version
natsproof=$root/build/release/natsproof
server=${NATSPROOF_NATS_SERVER:-$(PATH=$PATH:/usr/sbin command -v nats-server || true)}

skip() { echo "SKIPPED: $*" >&2; exit 77; }
fail() { echo "peers: $*" >&2; exit 1; }
[[ -n $server ]] || fail "nats-server is not installed; scripts/setup.sh installs it"

if [[ ! -x $nats ]]; then
  command -v go >/dev/null || skip "Go is not installed, and the nats command line is built with it: https://go.dev/doc/install"
  mkdir -p "$root/build/peers"
  echo "peers: builds the nats command line $version: a minute or two" >&2
  GOBIN=$root/build/peers timeout 900 go install "github.com/nats-io/natscli/nats@$version" >"$root/build/peers/go.log" 2>&1 ||
    skip "nats $version cannot be built here (no network, or an old Go?): $(tail -n 1 "$root/build/peers/go.log")"
  mv "$root/build/peers/nats" "$nats"
fi
"$root/scripts/build.sh" release natsproof

work=$(mktemp -d)
pids=()
take_down() {
  ((${#pids[@]} == 0)) || kill "${pids[@]}" 2>/dev/null || true
  wait || true
  rm -rf "$work"
}
trap take_down EXIT
# await <what> <command>...: until the command succeeds, for at most 20 s.
await() {
  local what=$1 tries=0
  shift
  until "$@"; do
    tries=$((tries + 1))
    ((tries < 400)) || fail "$what within 20 s"
    sleep 0.05
  done
}

"$server" -a 127.0.0.1 -p -1 --ports_file_dir "$work" >"$work/server.log" 2>&1 &
pids+=($!)
ports_are_there() { grep -qs nats: "$work"/*.ports; }
await "nats-server did not write its ports" ports_are_there
url=$(grep -o 'nats://[^"]*' "$work"/*.ports | head -n 1)
as_peer() { HOME=$work XDG_CONFIG_HOME=$work "$nats" --no-context --server "$url" "$@"; }
HOME=$work XDG_CONFIG_HOME=$work "$nats" --no-context --server "$url" bench service serve peers.echo --no-progress \
  >"$work/service.log" 2>&1 &
pids+=($!)
answers() { as_peer request peers.echo x --timeout 1s >/dev/null 2>&1; }
await "the service did not answer" answers
printf '%128s' | tr ' ' x >"$work/request"

# Both print: requests/s, p50 in us, CPU of the generator's process in us per request.
TIMEFORMAT='%U %S'
# peer <clients> <requests>
peer() {
  local cpu
  cpu=$({ time as_peer --timeout 30s bench service request peers.echo --no-progress --size 128 --clients "$1" --msgs "$2" \
    >"$work/bench.txt" 2>"$work/bench.err"; } 2>&1) || fail "nats bench: $(tail -n 1 "$work/bench.err")"
  # One client has a line of its own, several have sums behind theirs.
  tr -d , <"$work/bench.txt" | awk -v cpu="$cpu" -v n="$2" '
    match($0, /stats: [0-9]+/) { rate = substr($0, RSTART + 7, RLENGTH - 7) }
    /stats:|latencies/ && match($0, /P50:? [0-9.]+us/) { p50 = substr($0, RSTART, RLENGTH); gsub(/P50:? |us/, "", p50) }
    END { split(cpu, t, " "); print rate, p50, (t[1] + t[2]) / n * 1e6 }'
}
# ours <users> <connections>
ours() {
  cat >"$work/plan.yaml" <<EOF
name: peers
load: {model: closed, users: $1, connections: $2, warmup: 500ms, duration: 2s, repetitions: 1}
tasks:
  - {name: echo, subject: peers.echo, request: {file: request}, timeout: 30s, expect: no_error}
EOF
  rm -rf "$work/results"
  # A run that is not sound on a busy machine has its figures all the same: these are no verdict.
  local cpu
  cpu=$({ time "$natsproof" run "$work/plan.yaml" --server "$url" --out "$work/results" --quiet >"$work/run.txt" 2>&1 ||
    [[ -e $work/results/run.json ]]; } 2>&1) || fail "natsproof: $(tail -n 1 "$work/run.txt")"
  awk -v cpu="$cpu" '
    function number(text) { gsub(/[^0-9.]/, "", text); return text }
    /"service_ns"/ && !p50 { in_service = 1 }
    /"planned"/ && !measured { measured = number($2); next }
    /"p50":/ && in_service && !p50 { p50 = number($2) }
    /"planned"/ && p50 && !warmup { warmup = number($2) }
    END { split(cpu, t, " "); print measured / 2, p50 / 1000, (t[1] + t[2]) / (measured + warmup) * 1e6 }' "$work/results/run.json"
}

# Each of the two takes its best: what else the machine does disturbs both, but not in the same round.
for round in 1 2 3; do
  echo "peers: round $round of 3" >&2
  ours 1 1 >>"$work/ours.1"
  peer 1 20000 >>"$work/peer.1"
  ours 16 16 >>"$work/ours.16"
  peer 16 60000 >>"$work/peer.16"
  peer 64 60000 >>"$work/peer.64"
  ours 256 256 >>"$work/ours.256"
  peer 256 60000 >>"$work/peer.256"
  ours 256 2 >>"$work/ours.256-on-2"
done
# Of the figures in files: the highest rate, the lowest p50, the least CPU.
rate() { cut -d ' ' -f 1 "$@" | sort -g | tail -n 1; }
p50() { cut -d ' ' -f 2 "$1" | sort -g | head -n 1; }
cpu() { cut -d ' ' -f 3 "$1" | sort -g | head -n 1; }
# row <what> <natsproof's figure> <the other's>
row() { awk -v what="$1" -v a="$2" -v b="$3" 'BEGIN { printf "%-44s %12.1f %12.1f %8.2f\n", what, a, b, a / b }'; }
echo "natsproof beside nats bench $version, one service of nats.go, $("$server" --version), $(nproc) cores; the best of three rounds"
cd "$work"
printf '%-44s %12s %12s %8s\n' '' natsproof 'nats bench' ratio
row "p50 in us, 1 client" "$(p50 ours.1)" "$(p50 peer.1)"
row "p50 in us, 16 clients" "$(p50 ours.16)" "$(p50 peer.16)"
row "requests/s, 256 clients on 256 connections" "$(rate ours.256)" "$(rate peer.256)"
row "requests/s, the best of each" "$(rate ours.*)" "$(rate peer.*)"
row "CPU a request in us, 256 clients" "$(cpu ours.256)" "$(cpu peer.256)"
