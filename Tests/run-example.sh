#!/bin/sh
# Runs the README's example as the README says: a daemon started by hand with a file of a few lines,
# the example beside it, coherentctl before and after. Its argument is the directory of the products.
# Nothing is left behind, whatever happens.
set -eu
products=${1:?the directory of the products, as from: swift build -c release --show-bin-path}

directory=$(mktemp -d)
daemon=""
clean_up() {
  [ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true
  [ -z "$daemon" ] || wait "$daemon" 2>/dev/null || true
  rm -rf "$directory"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

cat >"$directory/coherentd.conf" <<CONFIGURATION
[Region]
BlockSize=32M
Blocks=4
[Host]
Limit=512M
[Sockets]
Client=$directory/client
Control=$directory/control
CONFIGURATION
"$products/coherentd" --config "$directory/coherentd.conf" --check-config >/dev/null
"$products/coherentd" --config "$directory/coherentd.conf" &
daemon=$!

export COHERENTD_SOCKET="$directory/client"
export COHERENTD_CONTROL_SOCKET="$directory/control"
tries=0
until "$products/coherentctl" status >"$directory/status" 2>&1; do
  tries=$((tries + 1))
  if [ "$tries" -ge 200 ] || ! kill -0 "$daemon" 2>/dev/null; then
    echo "the daemon does not answer:" >&2
    cat "$directory/status" >&2
    exit 1
  fi
  sleep 0.1
done

cat "$directory/status"
"$products/ReadmeExample"
"$products/coherentctl" status

# A daemon that was asked to stop says so with its exit status.
kill "$daemon"
stopped=0
wait "$daemon" || stopped=$?
daemon=""
exit "$stopped"
