# Koshin: `make demo` shows it, `make test` proves it. `make help` lists the rest.
.DEFAULT_GOAL := help
.PHONY: help install build man demo screens bench crash crash-part fuzz test check format-check lint doc rust-test sdk-test browser-test clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: ## install what this machine lacks (NO_INSTALL=1 only says what)
	@tests/setup/install.sh

build: install
	cargo build --workspace --bins

man: ## write the man pages, in English and Japanese, into target/man
	cargo run -p agent --example man -- target/man

demo: build ## renew two certificates through the bank's pages (HEADLESS=1 without a display; SCENARIO=acquire, late or pending)
	node tests/browser/demo.mjs

test: format-check build lint rust-test doc sdk-test browser-test ## everything

screens: build ## pictures of what a person sees, under target/screens
	target/debug/screens
	node tests/browser/screens.mjs

bench: install ## measure speed and size on release binaries, against what they should be
	cargo build --release -p agent
	cargo build --release -p pkcs11-bridge --examples
	cargo build --release -p tests --bins
	target/release/bench

crash: build ## a fault at every step of renewals, then what is left (about an hour; CASES=… reruns some)
	cargo build -p full-disk
	target/debug/crash

fuzz: ## try the parsers with what a fuzzer makes up (needs cargo-fuzz; SECONDS=60 for each)
	for target in answer body certificate frame profile proof request; do \
	  mkdir -p tests/fuzz/corpus/$$target; \
	  cargo +nightly fuzz run --fuzz-dir tests/fuzz $$target tests/fuzz/corpus/$$target tests/parsers/corpora/$$target -- -max_total_time=$(or $(SECONDS),60) || exit 1; \
	done

crash-part: build ## a fixed part of that (some four minutes)
	cargo build -p full-disk
	target/debug/crash --part

check: install format-check lint ## format, lints, unit tests
	cargo test --workspace --lib

format-check:
	cargo fmt --all -- --check

lint:
	cargo clippy --workspace --all-targets -- -D warnings

rust-test: build
	cargo test --workspace

doc:
	RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps --document-private-items

sdk-test: install
	npm test --prefix protocol/js

browser-test: build
	npm test --prefix tests/browser

clean: ## remove what was built
	cargo clean
	rm -rf tests/browser/node_modules protocol/js/node_modules
