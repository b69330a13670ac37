#!/usr/bin/env bash
# The serialization benchmarks over messages of a user's own, from their .proto files and JSON documents alone.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

build() {
  "$cmake" --build "$work/build" --target shop-bench >"$work/build.log" 2>&1 || { cat "$work/build.log"; fail "not built"; }
}

cp "$shop/basket.json" "$shop/line.json" "$work/"
configure "shop.v1.Basket=$work/basket.json;shop.v1.Line=$work/line.json" || { cat "$work/configure.log"; fail "not configured"; }
build
! grep -i "warning:" "$work/build.log" || fail "a user's build has warnings"

# run <expected exit status> <argument>...
run() {
  local expected=$1 status=0
  shift
  "$work/build/shop-bench" --benchmark_min_time=0.001 "$@" >"$work/out.txt" 2>"$work/err.txt" || status=$?
  [[ $status == "$expected" ]] || { cat "$work/out.txt" "$work/err.txt"; fail "exit status $status, not $expected"; }
}

run 0
says "$work/out.txt" 'serialization/Basket:basket/json/decode'
for row in Basket:basket Line:line encode decode decode+validate round-trip validate bytes; do
  awk -v row="$row" '$1 == row {found = 1} END {exit !found}' "$work/out.txt" || { cat "$work/out.txt"; fail "the matrix has no $row"; }
done
! grep -F 'ERROR OCCURRED' "$work/out.txt" || fail "a benchmark failed"
! grep -F 'breaks rules' "$work/err.txt" || fail "a good sample was blamed"

run 0 --benchmark_format=json --benchmark_filter=Line:line/json/
cat >"$work/is_json.cmake" <<<"file(READ \"$work/out.txt\" text)
string(JSON name GET \"\${text}\" benchmarks 0 name)
if(NOT name STREQUAL \"serialization/Line:line/json/encode\")
  message(FATAL_ERROR \"\${name}\")
endif()"
"$cmake" -P "$work/is_json.cmake" || fail "not JSON"

# What an import of an import has got is read, and nothing more than what changed is made again.
build
! grep -F Generating "$work/build.log" || fail "generated again, and nothing has changed"
sed 's/"EUR"/"CHF"/' "$shop/basket.json" >"$work/basket.json"
run 2
says "$work/err.txt" 'lines[0].paid_in'
sed -i 's/EUR = 1;/& CHF = 2;/' "$work/shared/money/v1/currency.proto"
build
! grep -F 'Generating label' "$work/build.log" || fail "label.proto imports nothing that has changed"
run 0

# A document that keeps the form but not the rules is timed, with a warning.
sed 's/"quantity": 2/"quantity": 200/' "$shop/basket.json" >"$work/basket.json"
run 0 --benchmark_filter=validate
says "$work/err.txt" 'sample 1 of Basket:basket breaks rules of its schema: lines[0].quantity:'

# One that is not the message is none.
sed 's/"quantity": 2/"quantity": "two"/' "$shop/basket.json" >"$work/basket.json"
run 2
says "$work/err.txt" "$work/basket.json"
says "$work/err.txt" 'lines[0].quantity'
offset=$(grep -boF '"two"' "$work/basket.json" | cut -d: -f1)
says "$work/err.txt" "$offset"
rm "$work/basket.json"
run 2
says "$work/err.txt" "cannot read the sample $work/basket.json: No such file or directory"
