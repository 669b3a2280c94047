#!/usr/bin/env bash
# Formatting and lints, warnings refused. A minimal Rust has neither tool: rustup is asked for them, and where it cannot
# download them this says so and leaves the lints to a machine that has them; the tests run everywhere.
set -euo pipefail

for tool in rustfmt clippy; do
  cargo "${tool/rustfmt/fmt}" --version >/dev/null 2>&1 && continue
  command -v rustup >/dev/null && timeout 120 rustup component add "$tool" >/dev/null 2>&1 && continue
  echo "NOT CHECKED: $tool is not installed; run 'rustup component add $tool'"
  exit 0
done
cargo fmt --all --check
cargo clippy --quiet --workspace --all-targets -- -D warnings
