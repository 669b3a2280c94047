#!/usr/bin/env bash
# Builds components and puts each at <out>/<name>.wasm: components.sh <out> <name> ...
# A file that did not change is left alone, so that its modification time tells when it did.
set -euo pipefail

out=$1
shift
cargo build --quiet --target wasm32-wasip2 --profile component $(printf -- '-p %s ' "$@")
built=${CARGO_TARGET_DIR:-target}/wasm32-wasip2/component
mkdir -p "$out"
for name in "$@"; do
  from=$built/${name//-/_}.wasm
  cmp -s "$from" "$out/$name.wasm" || { cp "$from" "$out/$name.wasm.new" && mv "$out/$name.wasm.new" "$out/$name.wasm"; }
done
