#!/usr/bin/env bash
# Installs the named packages of the distribution where they are absent: packages.sh <command>=<package> ...
# A package counts as present when its command is on the PATH, or a file is where the pattern says: the distribution keeps
# some servers' programs elsewhere ('/usr/lib/postgresql/*/bin/postgres=postgresql').
set -euo pipefail

present() {
  case "$1" in
    */*) compgen -G "$1" >/dev/null ;;
    *) command -v "$1" >/dev/null ;;
  esac
}

missing=()
for pair in "$@"; do
  present "${pair%%=*}" || missing+=("${pair#*=}")
done
[ ${#missing[@]} -eq 0 ] && exit 0
command -v apt-get >/dev/null || { echo "error: please install: ${missing[*]}" >&2; exit 1; }
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)
echo "installing: ${missing[*]}"
"${as_root[@]}" apt-get -qq update
DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get -qq install -y --no-install-recommends "${missing[@]}" >/dev/null
