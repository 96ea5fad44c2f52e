#!/bin/sh
# Checks the model of the pins' handshake exhaustively with spin, and that the checks can fail: each
# deliberate mistake has to be found. Needs spin and a C compiler. Its last line counts the outcomes;
# it exits with 1 if any check failed.
set -u

model=$(cd "$(dirname "$0")" && pwd)/pins.pml
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

passed=0 failed=0 skipped=0
safety_checks=6 liveness_checks=6

finish() {
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ]
  exit
}

for tool in spin gcc; do
  if ! command -v "$tool" >/dev/null 2>&1; then
    echo "skipped: $tool is not installed"
    skipped=$((safety_checks + liveness_checks))
    finish
  fi
done

# check right|wrong safety|liveness NAME [-DMACRO...]: whether the model is right under the macros.
check() {
  expected=$1 kind=$2 name=$3
  shift 3
  if [ "$kind" = safety ]; then
    compile="-DSAFETY -DCOLLAPSE" run="-m1000000"
  else
    compile="-DCOLLAPSE -DNFAIR=3" run="-a -f -m1000000"
    set -- -DLIVENESS "$@"
  fi
  rm -f pan pan.* pins.pml.trail
  # shellcheck disable=SC2086
  if ! { spin -a "$@" "$model" && gcc -w -O2 $compile -o pan pan.c; } >build 2>&1; then
    cat build
    outcome "FAILED" "$name: the model was not built"
    return
  fi
  # shellcheck disable=SC2086
  ./pan $run >report 2>&1
  states=$(awk '/states, stored/ { print $1; exit }' report)
  errors=$(sed -n 's/.*errors: \([0-9]*\)$/\1/p' report | head -n 1)
  found="$(sed -n 's/^pan:1: \(.*\) (at depth.*/\1/p' report | cut -c 1-60)"
  if grep -Eq "max search depth too small|out of memory|aborted|^error:" report; then
    outcome "FAILED" "$name: the search was not exhaustive"
  elif [ "$expected" = right ] && [ "$errors" = 0 ]; then
    outcome "passed" "$name: ${states} states"
  elif [ "$expected" = wrong ] && [ "${errors:-0}" -gt 0 ]; then
    outcome "passed" "$name: found after ${states} states: $found"
  elif [ "$expected" = right ]; then
    outcome "FAILED" "$name: $found"
  else
    outcome "FAILED" "$name: not found in ${states} states"
  fi
}

outcome() {
  echo "$1: $2"
  if [ "$1" = passed ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}

check right safety "two threads"
check right safety "three threads, and a count that is full at two" \
  -DCLIENTS=3 -DPINS=1 -DROUNDS=2 -DMAXIMUM=2
check right safety "holders that never unpin" -DSTAYING -DPINS=2
check wrong safety "mistake: taking without compare-and-swap" -DBROKEN_TAKE
check wrong safety "mistake: unpinning with a stale token" -DBROKEN_UNPIN
check wrong safety "mistake: expiring without the epoch" -DBROKEN_EXPIRE

# The epoch and all but one revocation decide nothing about whether an eviction ends.
forever="-DFOREVER -DREVOCATION_BITS=1 -DEPOCH_BITS=0"
check right liveness "every eviction ends" -DPINS=2 -DROUNDS=2
# shellcheck disable=SC2086
check right liveness "every eviction ends, whoever renews or stays" $forever -DSTAYING
# shellcheck disable=SC2086
check right liveness "every eviction ends by notice alone" $forever -DPATIENT
# shellcheck disable=SC2086
check right liveness "every eviction ends, whatever is scribbled" $forever -DHOSTILE
# shellcheck disable=SC2086
check wrong liveness "mistake: no deadline" $forever -DSTAYING -DBROKEN_DEADLINE
# shellcheck disable=SC2086
check wrong liveness "mistake: no notice" $forever -DPATIENT -DBROKEN_NOTICE

finish
