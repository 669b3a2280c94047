#!/usr/bin/env bash
# Builds components and puts each at <out>/<name>.wasm: components.sh <out> <name> ...
# A file that did not change is left alone, so that its modification time tells when it did.
set -euo pipefail

# The pages, which become a part of the component `web`. What they were made of is noted beside them.
pages() (
  deploy/setup/node-modules.sh components/web/app
  cd components/web/app
  made_of=$(find . \( -path ./node_modules -o -path ./dist \) -prune -o -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum)
  [ "$made_of" = "$(cat dist/.made-of 2>/dev/null)" ] && exit 0
  npm run --silent build -- --logLevel warn
  echo "$made_of" >dist/.made-of
)

out=$1
shift
case " $* " in *' web '*) pages ;; esac
cargo build --quiet --target wasm32-wasip2 --profile component $(printf -- '-p %s ' "$@")
built=${CARGO_TARGET_DIR:-target}/wasm32-wasip2/component
mkdir -p "$out"
for name in "$@"; do
  from=$built/${name//-/_}.wasm
  cmp -s "$from" "$out/$name.wasm" || { cp "$from" "$out/$name.wasm.new" && mv "$out/$name.wasm.new" "$out/$name.wasm"; }
done
