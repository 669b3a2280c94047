# Thin: each target sets up what it lacks and calls one tool. Checks are tests (tests/), not shell.
SHELL := /bin/bash
# Outside the clone, so that a new clone and CI build only what changed.
export CARGO_TARGET_DIR ?= $(HOME)/.cache/wharf/target
COMPONENTS := auth tickets workflows workflow-worker comments notifications notification-worker web
GUESTS := $(notdir $(patsubst %/Cargo.toml,%,$(wildcard tests/guests/*/Cargo.toml)))
WHARF_FLAGS ?=
# `make up ENGINE=postgres` runs on a PostgreSQL server and a RabbitMQ broker of its own, whose data stays in ENGINES.
ENGINE ?= embedded
# Root's servers run as nobody, who may not look into root's home.
ENGINES ?= $(if $(filter 0,$(shell id -u)),/var/lib/wharf-engines,$(CURDIR)/.wharf-engines)
PROVE_FLAGS ?=
BENCH_FLAGS ?=
# With a test among the targets, dependencies have the features that `make test` builds them with: nothing is built twice.
AS_TESTED := --test tidy
# The same for either engine, so that a change of mind builds nothing.
BUILD_UP := @cargo build --quiet --release -p server -p instances --bins

.PHONY: up up-embedded up-postgres test pictures bench prove-deploys prove-durability check-style check-pages setup components guests clean-data

## up: build everything and serve the ticket system with demonstration data on http://127.0.0.1:3000; ENGINE=postgres for servers
up: up-$(ENGINE)

up-embedded: components
	$(BUILD_UP)
	@exec $(CARGO_TARGET_DIR)/release/wharf up --demo --cache-dir $(HOME)/.cache/wharf/compiled $(WHARF_FLAGS)

# The servers end when their standard input does, which is when this shell ends: after the host has.
up-postgres: components
	@deploy/setup/packages.sh '/usr/lib/postgresql/*/bin/postgres=postgresql' '/usr/lib/rabbitmq/bin/rabbitmq-server=rabbitmq-server'
	$(BUILD_UP)
	@coproc ENGINES_RUN { setsid $(CARGO_TARGET_DIR)/release/engines $(ENGINES); }; \
	  read -r _ <&"$${ENGINES_RUN[0]}" && \
	  $(CARGO_TARGET_DIR)/release/wharf up --demo --cache-dir $(HOME)/.cache/wharf/compiled --config $(ENGINES)/host.toml \
	    --state-dir $(ENGINES)/state $(WHARF_FLAGS)

## test: build everything and run every test
test: components guests check-style check-pages
	@deploy/setup/packages.sh chromium=chromium '/usr/lib/postgresql/*/bin/postgres=postgresql' \
	  '/usr/lib/rabbitmq/bin/rabbitmq-server=rabbitmq-server'
	@deploy/setup/node-modules.sh tests/browser
	cargo test --workspace --no-fail-fast

## pictures: the README's pictures of the pages, taken anew
pictures: components
	@deploy/setup/packages.sh chromium=chromium
	@deploy/setup/node-modules.sh tests/browser
	@cargo build --quiet --workspace --bin wharf $(AS_TESTED)
	PICTURES=$(CURDIR)/tests/browser/pictures cargo test --quiet --workspace --test it -- browser::everybody

## bench: requests per second, latency and memory beside a native server, as ratios; BENCH_FLAGS="postgres queue" for some parts
bench: components guests
	@deploy/setup/packages.sh wrk=wrk '/usr/lib/postgresql/*/bin/postgres=postgresql' \
	  '/usr/lib/rabbitmq/bin/rabbitmq-server=rabbitmq-server'
	cargo build --release -p server -p tests --bins
	$(CARGO_TARGET_DIR)/release/bench $(BENCH_FLAGS)

## prove-deploys: what a deploy promises, at full size in under 30 minutes; PROVE_FLAGS="--only 3 --small" for less
prove-deploys: guests
	@cargo build --quiet --workspace --bin wharf --bin prove $(AS_TESTED)
	@$(CARGO_TARGET_DIR)/debug/prove $(PROVE_FLAGS)

## prove-durability: messages on PostgreSQL and RabbitMQ while those and the host are killed; PROVE_FLAGS=--small for less
prove-durability: guests
	@deploy/setup/packages.sh '/usr/lib/postgresql/*/bin/postgres=postgresql' '/usr/lib/rabbitmq/bin/rabbitmq-server=rabbitmq-server'
	@cargo build --quiet --workspace --bin wharf --bin durability $(AS_TESTED)
	@$(CARGO_TARGET_DIR)/debug/durability $(PROVE_FLAGS)

## check-style: formatting and lints, warnings refused
check-style: setup
	@deploy/setup/lint.sh

## check-pages: types and unit tests of the pages
check-pages: components
	@cd components/web/app && npm run --silent check && npm run --silent test -- --reporter=dot

## clean-data: forget everything the ticket system has kept
clean-data:
	rm -rf .wharf

setup:
	@deploy/setup/packages.sh cc=build-essential
	@deploy/setup/wasm-target.sh

components: setup
	@deploy/setup/components.sh target/components $(COMPONENTS)

guests: setup
	@deploy/setup/components.sh target/guests $(GUESTS)
