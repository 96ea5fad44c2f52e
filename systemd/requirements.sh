#!/bin/sh
# Makes sure that what the build needs is there: Swift, and the system libraries that Package.swift
# names, which it installs with apt-get where they are missing. It changes nothing where nothing is
# missing. Both run-demo.sh and Tests/run-tests.sh begin with it; the latter with --tests, for what
# only the tests of the installed service and of the emulated machine need.
set -eu
cd "$(dirname "$0")/.."

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

if ! command -v swift >/dev/null 2>&1; then
  fail "Swift 6.2 or later must be in PATH; https://www.swift.org/install/linux says how."
fi

missing=""
command -v pkg-config >/dev/null 2>&1 || missing="pkg-config"

# Package.swift says of each system library how pkg-config and how apt call it, in this order.
libraries=$(tr '\n' ' ' <Package.swift | grep -o 'pkgConfig: "[^"]*", *providers: \[\.apt(\["[^"]*"' |
  sed 's/^pkgConfig: "\([^"]*\)".*"\([^"]*\)"$/\1:\2/')
[ -n "$libraries" ] || fail "Package.swift names no system library: has its form changed?"
for library in $libraries; do
  if [ -n "$missing" ] || ! pkg-config --exists "${library%%:*}"; then
    missing="$missing ${library#*:}"
  fi
done

if [ "${1:-}" = --tests ] && [ "$(id -u)" -eq 0 ]; then
  for program in systemd-analyze:systemd unshare:util-linux userdel:passwd \
    qemu-system-x86_64:qemu-system-x86; do
    command -v "${program%%:*}" >/dev/null 2>&1 || missing="$missing ${program#*:}"
  done
  command -v mandoc >/dev/null 2>&1 || command -v groff >/dev/null 2>&1 || missing="$missing mandoc"
fi

if [ -z "$missing" ]; then
  echo "Nothing is missing: Swift, pkg-config and the libraries are here."
  exit 0
fi

command -v apt-get >/dev/null 2>&1 ||
  fail "Missing: $missing. There is no apt-get here; install what corresponds to these."
if [ "$(id -u)" -eq 0 ]; then
  as_root=""
elif command -v sudo >/dev/null 2>&1; then
  as_root="sudo"
  # Without a terminal nobody can type a password.
  [ -t 0 ] || as_root="sudo -n"
else
  fail "Missing: $missing. As root, run: apt-get install $missing"
fi

install_missing() {
  # shellcheck disable=SC2086 # several words each
  $as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -q --no-install-recommends $missing
}

echo "Installing with apt-get: $missing"
if ! install_missing; then
  echo "Not found, or not current: updating apt's lists first."
  $as_root apt-get update -q
  install_missing || fail "apt-get could not install: $missing"
fi
