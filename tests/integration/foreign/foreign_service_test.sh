#!/usr/bin/env bash
# A claim about a service that is not natsproof's, written with another client in another language: nats.js.
#
# usage: foreign_service_test.sh <natsproof> <folder for node_modules and results>
# Exit status: 0 passed, 1 failed, 77 skipped: node, npm or the package cannot be had here.
set -euo pipefail

natsproof=$1
work=$2
source=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
server_pid= service_pid=

skip() { echo "SKIPPED: $*"; exit 77; }
fail() {
  echo "FAILED: $*"
  for log in "$work"/*.log; do echo "--- $(basename "$log")"; tail -n 30 "$log"; done
  exit 1
}
take_down() {
  for pid in $service_pid $server_pid; do kill "$pid" 2>/dev/null || true; done
  wait || true
}
trap take_down EXIT

# await <what> <command>...: until the command succeeds, for at most 20 s.
await() {
  local what=$1 tries=0
  shift
  until "$@"; do
    tries=$((tries + 1))
    [ "$tries" -lt 400 ] || fail "$what"
    sleep 0.05
  done
}

command -v node >/dev/null || skip "node is not installed; apt-get install nodejs npm"
command -v npm >/dev/null || skip "npm is not installed; apt-get install npm"
mkdir -p "$work"
rm -rf "$work"/*.log "$work/ports" "$work"/results-*
cp "$source/package.json" "$source/greet.js" "$work/"
cd "$work"
if ! node -e 'process.exit(require("nats/package.json").version === require("./package.json").dependencies.nats ? 0 : 1)' \
    2>/dev/null; then
  timeout 100 npm install --no-package-lock --no-audit --no-fund --ignore-scripts >npm.log 2>&1 ||
    skip "the npm package nats cannot be installed here (no network?): $(tail -n 1 npm.log)"
fi

server=${NATSPROOF_NATS_SERVER:-$(PATH=$PATH:/usr/sbin command -v nats-server)} || fail "nats-server is not installed"
mkdir ports
"$server" -a 127.0.0.1 -p -1 -m -1 --ports_file_dir "$work/ports" >server.log 2>&1 &
server_pid=$!
ports_are_there() { grep -qs '"monitoring"' ports/*.ports; }
await "nats-server did not write its ports" ports_are_there
url=$(node -p 'JSON.parse(require("fs").readFileSync(process.argv[1])).nats[0]' ports/*.ports)

node greet.js "$url" >service.log 2>&1 &
service_pid=$!
await "the service did not come up" grep -qs ready service.log

# run <status expected> <results> <arguments>...
run() {
  local expected=$1 results=$2 status=0
  shift 2
  timeout 150 "$natsproof" run --server "$url" --subject greet.hello --rate 500/s --time 0.4x --out "$work/$results" --quiet "$@" \
    >"$results.log" 2>&1 || status=$?
  [ "$status" -eq "$expected" ] || fail "natsproof run $* ended with status $status, expected $expected"
}
# holds <results> <JavaScript about `run`, `all` (all tasks) and `claim` (the first)>
holds() {
  node -e '
    const run = JSON.parse(require("fs").readFileSync(process.argv[1]));
    const all = run.tasks[0], claim = run.claims[0];
    if (!eval(process.argv[2])) {
      console.log(JSON.stringify({verdict: run.verdict, claims: run.claims, classes: all.classes}, null, 1));
      process.exit(1);
    }' "$work/$1/run.json" "$2" || fail "$1/run.json: not so: $2"
}

# What holds is proven, on whole runs of verified replies. The limit is far from anything a busy machine does to a reply:
# the test is about the verdict's way, not about speed.
run 0 results-proven --claim 'response p99 < 400ms' --expect 'contains: hello'
holds results-proven 'run.schema === "natsproof.run/1"'
holds results-proven 'run.verdict === "PROVEN" && claim.verdict === "PROVEN" && claim.text === "response p99 < 400ms"'
holds results-proven 'all.name === "*" && all.planned > 0 && all.classes.ok === all.planned'
holds results-proven 'all.response_ns.count === all.planned && all.response_ns.p99 < 400e6 && all.response_ns.min > 0'
holds results-proven 'run.provenance.git_revision && run.provenance.command_line.includes("greet.hello")'

# The same speed with other content than expected is worth nothing.
run 1 results-refuted --claim 'response p99 < 400ms' --expect 'contains: farewell'
holds results-refuted 'run.verdict === "REFUTED" && all.classes.ok === 0 && all.classes.wrong_reply === all.planned'

echo "PASSED: $(head -n 40 results-proven.log | tail -n 5)"
