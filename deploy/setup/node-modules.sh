#!/usr/bin/env bash
# Installs what a Node package's lock file names, where that has changed since: node-modules.sh <folder>
set -euo pipefail

cd "$1"
cmp -s package-lock.json node_modules/.installed-from && exit 0
command -v npm >/dev/null || { echo "error: $1 needs Node 20.19 or newer with npm" >&2; exit 1; }
npm ci --silent
cp package-lock.json node_modules/.installed-from
