#!/usr/bin/env bash
# Makes the installed Rust able to build for wasm32-wasip2. Does nothing where it already can.
#
# rustup is asked first. Where it cannot download, the target's standard library is built once from the
# distribution's packages: rust-src of exactly the installed version, and wasi-libc. apt fetches and verifies both;
# its own configuration stays as it is.
set -euo pipefail

target=wasm32-wasip2
sysroot=$(rustc --print sysroot)
into=$sysroot/lib/rustlib/$target/lib

installed() { ls "$into"/libstd-*.rlib >/dev/null 2>&1; }
fail() { echo "error: $1" >&2; echo "  hint: run rustup target add wasm32-wasip2 where rustup can download" >&2; exit 1; }

if installed; then exit 0; fi
if command -v rustup >/dev/null && timeout 120 rustup target add "$target" >/dev/null 2>&1 && installed; then
  echo "$target: installed by rustup"
  exit 0
fi
command -v apt-get >/dev/null || fail "$target is not installed, and there is no apt to build it from"

version=$(rustc -V | awk '{ print $2 }')
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
chmod 755 "$scratch"

# A private view of the newer suites, on the mirror that apt already uses.
mirror=$(apt-get indextargets --format '$(REPO_URI) $(ORIGIN) $(CODENAME)' 'Created-By: Packages' |
  awk '$2 == "Debian" && $3 !~ /security|updates|backports/ { print $1; exit }')
[ -n "$mirror" ] || fail "apt knows no Debian mirror; run apt-get update"
mkdir -p "$scratch"/lists/partial "$scratch"/cache/archives/partial
for suite in trixie-backports trixie forky sid; do
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main"
done >"$scratch/sources.list"
private=(-qq -o "Dir::Etc::SourceList=$scratch/sources.list" -o Dir::Etc::SourceParts=/dev/null
  -o "Dir::State::Lists=$scratch/lists" -o "Dir::Cache=$scratch/cache" -o APT::Sandbox::User=root)
apt-get "${private[@]}" update
newest() { apt-cache "${private[@]}" madison "$1" | awk -F'|' '{ gsub(/ /, "", $2); print $2 }' | grep -m1 -E "$2"; }
source=$(newest rust-src "^${version//./\\.}[-+~]") || fail "no rust-src $version in the distribution"
libc=$(newest wasi-libc '.') || fail "no wasi-libc in the distribution"
(cd "$scratch" && apt-get "${private[@]}" download "rust-src=$source" "wasi-libc=$libc")
for package in "$scratch"/*.deb; do dpkg -x "$package" "$scratch/root"; done

# cargo looks for the library's sources inside the toolchain.
library=$sysroot/lib/rustlib/src/rust/library
if [ ! -e "$library" ]; then
  mkdir -p "$(dirname "$library")"
  ln -s "$scratch/root/usr/src/rustc-$version/library" "$library"
  trap 'rm -f "$library"; rm -rf "$scratch"' EXIT
fi
mkdir -p "$into/self-contained"
cp "$scratch/root/usr/lib/$target"/{crt1-command.o,crt1-reactor.o,libc.a} "$into/self-contained/"
(
  cd "$scratch"
  cargo new -q --vcs none --name standard-library probe
  cd probe
  RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Cembed-bitcode=yes CARGO_TARGET_DIR=$scratch/out \
    cargo build -q --release --target "$target" -Zbuild-std=std,panic_abort,proc_macro,test
)
cp "$scratch/out/$target/release/deps/"*.rlib "$into/"
installed || fail "the standard library for $target did not build"
echo "$target: built from rust-src $source and wasi-libc $libc"
