#!/usr/bin/env bash
# Says what this machine lacks for building, testing and the demo, and installs it: Debian
# packages through apt (asks before sudo), npm packages into the project's own folders.
# NO_INSTALL=1 prints the names of missing packages and changes nothing.
set -euo pipefail
cd "$(dirname "$0")/../.."

needed_rust=1.95
needed_node=18

main() {
  require_rust
  mapfile -t missing < <(missing_packages)
  if [ ${#missing[@]} -gt 0 ]; then
    install_packages "${missing[@]}"
  fi
  require_node
  for folder in tests/browser protocol/js; do
    install_npm_packages "$folder"
  done
}

require_rust() {
  local version
  version=$(cargo --version 2>/dev/null | cut -d' ' -f2) || true
  [ -n "$version" ] || fail "Rust is missing" \
    "get it as https://rust-lang.org/tools/install says, open a new shell, and try again"
  at_least "$version" "$needed_rust" || fail "Rust $version is too old; $needed_rust is needed" \
    "run: rustup update stable"
}

require_node() {
  local version
  version=$(node --version 2>/dev/null | tr -d v) || true
  at_least "${version:-0}" "$needed_node" || fail "Node.js ${version:-} is too old; $needed_node is needed" \
    "install Debian 12's nodejs or a newer one"
}

# Names of listed packages whose command or file is not there.
missing_packages() {
  local name sign reason
  while read -r name sign reason; do
    case $name in '' | '#'*) continue ;; esac
    case $sign in
      /*) compgen -G "$sign" >/dev/null || echo "$name" ;;
      *) command -v "$sign" >/dev/null || echo "$name" ;;
    esac
  done <tests/setup/packages.txt
}

install_packages() {
  echo "This machine lacks:" >&2
  for name; do
    awk -v name="$name" '$1 == name { $1 = $2 = ""; printf "  %-26s %s\n", name, substr($0, 3) }' \
      tests/setup/packages.txt >&2
  done
  local install=(apt-get install -y --no-install-recommends "$@")
  if [ "${NO_INSTALL:-}" = 1 ]; then
    printf '%s\n' "$@"
    fail "packages are missing" "run without NO_INSTALL=1, or: sudo ${install[*]}"
  fi
  command -v apt-get >/dev/null || fail "this is not Debian: there is no apt-get" \
    "install the packages above by your system's means"
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    as_root=(sudo)
    { [ -t 0 ] && command -v sudo >/dev/null; } || fail "installing packages needs root" \
      "run as root: ${install[*]}"
    local answer
    read -r -p "Run sudo ${install[*]} ? [y/N] " answer
    case $answer in [yY]*) ;; *) fail "packages are missing" "run it yourself, then try again" ;; esac
  fi
  export DEBIAN_FRONTEND=noninteractive
  "${as_root[@]}" apt-get update -q >&2
  # A second try: unpacking browsers sometimes fails on a machine that is short of memory.
  "${as_root[@]}" "${install[@]}" >&2 || "${as_root[@]}" "${install[@]}" >&2
}

# Runs npm only when the lock file is newer than what is installed.
install_npm_packages() {
  [ -f "$1/package-lock.json" ] || return 0
  local mark=$1/node_modules/.package-lock.json
  [ ! "$mark" -nt "$1/package-lock.json" ] || return 0
  if [ "${NO_INSTALL:-}" = 1 ]; then
    fail "npm packages of $1 are missing" "run: npm ci --prefix $1"
  fi
  npm ci --prefix "$1" --ignore-scripts --no-audit --no-fund --loglevel=error >&2
  touch "$mark"
}

at_least() {
  [ "$(printf '%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

fail() {
  printf 'error: %s\nhint: %s\n' "$1" "$2" >&2
  exit 1
}

main
