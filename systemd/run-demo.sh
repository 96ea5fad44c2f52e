#!/bin/sh
# The demonstration: installs what is missing, builds, starts a daemon with a small device, lets
# several processes load real files into four times that much device memory and compare every byte,
# and shows the daemon's state before, during and after. Everything that it starts is gone when it
# ends, also on Ctrl-C; the exit status is 0 only if every byte was right.
set -eu
cd "$(dirname "$0")/.."

usage() {
  cat <<'HELP'
Usage: sh systemd/run-demo.sh [--device SIZE] [--limit SIZE] [DIRECTORY]

  --device SIZE  device memory in MiB, a power of two from 16 to 1024 (64)
  --limit SIZE   how much of the directory's files to load, as 512M (five times the device)
  DIRECTORY      whose regular files are the data (/usr/lib)

It needs root for nothing but the installation of missing packages.
HELP
}

device_mib=64
limit=""
files=/usr/lib
while [ $# -gt 0 ]; do
  case $1 in
    --help | -h) usage && exit 0 ;;
    --device | --limit)
      [ $# -ge 2 ] || { usage >&2 && exit 64; }
      if [ "$1" = --device ]; then device_mib=${2%M}; else limit=$2; fi
      shift
      ;;
    -*) usage >&2 && exit 64 ;;
    *) files=$1 ;;
  esac
  shift
done
case $device_mib in
  16 | 32 | 64 | 128 | 256 | 512 | 1024) ;;
  *) usage >&2 && exit 64 ;;
esac
limit=${limit:-$((device_mib * 5))M}

bold="" plain=""
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
  bold=$(printf '\033[1m')
  plain=$(printf '\033[0m')
fi
say() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }

directory=""
daemon=""
job=""
clean_up() {
  [ -z "$job" ] || kill "$job" 2>/dev/null || true
  [ -z "$job" ] || wait "$job" 2>/dev/null || true
  [ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true
  [ -z "$daemon" ] || wait "$daemon" 2>/dev/null || true
  [ -z "$directory" ] || rm -rf "$directory"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

say "1. What the build needs"
sh systemd/requirements.sh

say "2. Build"
swift build -c release --static-swift-stdlib
products=$(swift build -c release --static-swift-stdlib --show-bin-path)

say "3. A daemon with $device_mib MiB of device memory"
directory=$(mktemp -d)
cat >"$directory/coherentd.conf" <<CONFIGURATION
[Region]
BlockSize=$((device_mib / 4))M
Blocks=4
[Host]
Limit=3200%
[Sockets]
Client=$directory/client
Control=$directory/control
[Log]
Level=notice
CONFIGURATION
"$products/coherentd" --config "$directory/coherentd.conf" &
daemon=$!
export COHERENTD_CONTROL_SOCKET="$directory/control"
tries=0
until "$products/coherentctl" status >"$directory/status" 2>&1; do
  tries=$((tries + 1))
  if [ "$tries" -ge 200 ] || ! kill -0 "$daemon" 2>/dev/null; then
    echo "The daemon does not answer:" >&2
    cat "$directory/status" >&2
    exit 1
  fi
  sleep 0.1
done
say "4. coherentctl status, before"
"$products/coherentctl" status

say "5. $limit of the files below $files, in $device_mib MiB of device memory"
"$products/coherent-bench" files "$files" --limit "$limit" \
  --socket "$directory/client" --control "$directory/control" &
job=$!

# Halfway is when memory has been evicted: that is worth a look.
evicted() {
  "$products/coherentctl" --json status 2>/dev/null |
    grep -o '"evicted_frames": *[0-9]*' | tr -dc '0-9'
}
while kill -0 "$job" 2>/dev/null; do
  if [ "$(evicted)" -gt 0 ] 2>/dev/null; then
    say "6. coherentctl status, while it runs"
    "$products/coherentctl" status
    "$products/coherentctl" sessions
    break
  fi
  sleep 0.1
done
outcome=0
wait "$job" || outcome=$?
job=""

# What the job held is given back when its processes have ended, which takes the daemon a moment.
tries=0
until "$products/coherentctl" --json status | grep -q '"sessions": *0,'; do
  tries=$((tries + 1))
  [ "$tries" -lt 100 ] || break
  sleep 0.1
done
say "7. coherentctl status, after"
"$products/coherentctl" status

say "8. The daemon stops"
kill "$daemon"
stopped=0
wait "$daemon" || stopped=$?
daemon=""
if [ "$outcome" -eq 0 ] && [ "$stopped" -eq 0 ]; then
  say "Every byte was right."
  exit 0
fi
say "Something was wrong: the job ended with status $outcome, the daemon with $stopped."
exit 1
