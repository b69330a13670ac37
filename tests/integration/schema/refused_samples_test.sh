#!/usr/bin/env bash
# Mistakes in SAMPLES are found when the project is configured, and named.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

refused() {
  ! configure "$1" || fail "SAMPLES $1 was taken"
  says "$work/configure.log" "$2"
}
refused 'basket.json' '`basket.json` is not a sample; an entry is <package.Message>=<file.json>'
refused 'shop.v1.Basket=' '`shop.v1.Basket=` is not a sample'
refused 'Basket=basket.json' '`Basket=basket.json` names no message of the .proto files, which have: shop.v1.Basket, shop.v1.Line.'
refused 'shop.v1.Basket=nowhere.json' "there is no file $shop/nowhere.json"
refused 'shop.v1.Basket=basket.json;shop.v1.Basket=./basket.json' 'is a second Basket:basket; give one of the files another name'
refused '' 'there is no sample; an entry is'
configure 'shop.v1.Basket=basket.json;shop.v1.Line=line.json' || { cat "$work/configure.log"; fail "good samples were refused"; }
