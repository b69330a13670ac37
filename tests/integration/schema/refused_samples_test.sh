#!/usr/bin/env bash
# Mistakes in the arguments of natsproof_add_schema() are found when the project is configured, and named.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# refused <SAMPLES> <text> [more arguments]
refused() {
  ! configure "$1" "${3-}" || fail "SAMPLES $1 ${3-} was taken"
  says "$work/configure.log" "$2"
}
refused 'basket.json' '`basket.json` is not a sample; an entry is <package.Message>=<file.json>'
refused 'shop.v1.Basket=' '`shop.v1.Basket=` is not a sample'
refused 'Basket=basket.json' '`Basket=basket.json` names no message of the .proto files, which have: shop.v1.Basket, shop.v1.Line, label.v1.Label.'
refused 'shop.v1.Basket=nowhere.json' "there is no file $shop/nowhere.json"
refused 'shop.v1.Basket=basket.json;shop.v1.Basket=./basket.json' 'is a second Basket:basket; give one of the files another name'
refused '' 'there is no sample; an entry is'
good='shop.v1.Basket=basket.json;shop.v1.Line=line.json'
refused "$good" 'IMPORTS nowhere: there is no such target; its natsproof_add_schema() has to come first' 'IMPORTS;nowhere'
refused "$good" 'IMPORTS natsproof_base: this target was not made by natsproof_add_schema()' 'IMPORTS;natsproof_base'
refused "$good" "PROTOS nowhere.proto: there is no such file in $shop, $shop/vendor (BASE)" 'PROTOS;nowhere.proto'
refused "$good" 'it lies in none of the folders that its name can start from' "PROTOS;$natsproof/models/schema/probe.proto"
refused "$good" 'a schema of IMPORTS has this file already' "PROTOS;$work/shared/money/v1/money.proto;BASE;$work/shared"
configure "$good" || { cat "$work/configure.log"; fail "good samples were refused"; }
