#!/bin/sh
# Installs what is missing, builds, and runs every test there is. What fails fast comes first. The
# exit status is 0 only if nothing failed and nothing was skipped that could have run. A line near
# the end counts: `N passed, N failed, N skipped`. It is the last, but where something was not
# tested: then one more says what.
set -u
cd "$(dirname "$0")/.." || exit 1

usage() {
  cat <<'HELP'
Usage: sh Tests/run-tests.sh [--quick | --long] [--may-skip] [--help]

  --quick   without thread sanitizer, fuzzers and release build; a tenth of the simulation's steps
  --long    ten times the simulation's steps and of the fuzzers' time
  --may-skip
            a test that was skipped although what it needs is there is no failure
  --help    this text

Environment:
  COHERENTD_SIMULATION_STEPS  the simulation's steps (200000)
  COHERENTD_SIMULATION_SEED   the seed of a simulation that is to be replayed
  COHERENTD_FUZZ_SECONDS      how long each fuzzer runs (45)
  COHERENTD_SYSTEM_ROOT       a directory with a Debian whose systemd SystemTests boot, not this one

A test is skipped where the kernel does not let this user do what it needs, as in a container, or
where a program for it cannot be had. It is counted, and said in one line for each reason. The same
need is then tried by other means, and if that works, the skip is a failure. Each phase leaves its
log in .build/test-logs.
HELP
}

pace=usual may_skip=no
for argument in "$@"; do
  case $argument in
    --quick | --long) pace=${argument#--} ;;
    --may-skip) may_skip=yes ;;
    --help | -h) usage && exit 0 ;;
    *) printf 'unknown option %s\n\n' "$argument" >&2 && usage >&2 && exit 64 ;;
  esac
done
case $pace in
  quick) steps=20000 seconds=0 ;;
  long) steps=2000000 seconds=450 ;;
  *) steps=200000 seconds=45 ;;
esac
export COHERENTD_SIMULATION_STEPS="${COHERENTD_SIMULATION_STEPS:-$steps}"
fuzz_seconds="${COHERENTD_FUZZ_SECONDS:-$seconds}"

logs=.build/test-logs
rm -rf "$logs" && mkdir -p "$logs" || exit 1
started=$(date +%s)
passed=0 failed=0 skipped=0
failures=""
untested=""
runner=""

# Ends what this script started, also on Ctrl-C. `timeout` hands the signal on.
clean_up() {
  [ -n "$runner" ] || return 0
  kill "$runner" 2>/dev/null
  wait "$runner" 2>/dev/null
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

say() { printf '%s\n' "$*"; }

# Runs a command into the log of its phase, with a bound on its time in minutes.
logged() { # NAME MINUTES COMMAND...
  log="$logs/$1.log"
  minutes=$2
  shift 2
  began=$(date +%s)
  # In the background, so that a signal is not held up until the command has ended.
  timeout -k 20 "${minutes}m" "$@" >"$log" 2>&1 </dev/null &
  runner=$!
  wait "$runner"
  status=$?
  runner=""
  took=$(($(date +%s) - began))
  [ "$status" -ne 124 ] || printf '\nnot done after %s minutes: ended\n' "$minutes" >>"$log"
  return "$status"
}

# Notes a failure, and shows what failed, or else the end of what the phase wrote. What failed is
# said once more at the very end: the middle of a long output is easily lost.
fail() { # NAME SENTENCE
  failures="$failures
  $1: $2 ($log)"
  culprits=$(grep -E ' recorded an issue|: warning: |: error: ' "$log" | cut -c 1-300 | sort -u |
    head -n 10 | sed 's/^/    /')
  [ -z "$culprits" ] || failures="$failures
$culprits"
  if grep -q ' recorded an issue' "$log"; then
    say "    FAILED: $2; the first issues of $log:"
    grep -A 12 ' recorded an issue' "$log" | grep -v '^[^A-Za-z]*Test case passing' |
      head -n 80 | sed 's/^/    | /'
  else
    say "    FAILED: $2; the end of $log:"
    tail -n 60 "$log" | sed 's/^/    | /'
  fi
}

# A check that passes or fails as a whole.
check() { # NAME TITLE MINUTES COMMAND...
  name=$1
  say "==> $2"
  minutes=$3
  shift 3
  if logged "$name" "$minutes" "$@"; then
    passed=$((passed + 1))
    say "    passed after $took s"
    return 0
  fi
  failed=$((failed + 1))
  fail "$name" "exit status $status after $took s"
  return 1
}

attribute() { # FILE ATTRIBUTE: the sum over all suites of a file in JUnit's form
  grep -o '<testsuite [^>]*>' "$1" | grep -o " $2=\"[0-9]*\"" | tr -dc '0-9\n' |
    awk '{ sum += $1 } END { print sum + 0 }'
}

# Whether this machine has what a test needs, asked without the project's own code: 0 if so, else 1
# and why not, in one line; 2 for a word that nobody knows.
right() { # WORD
  case $1 in
    man-renderer) command -v mandoc >/dev/null || command -v groff >/dev/null ||
      { echo "neither mandoc nor groff is here" && return 1; } ;;
    emulator) command -v qemu-system-x86_64 >/dev/null ||
      { echo "qemu-system-x86_64 is not here" && return 1; } ;;
    guest-kernel) { [ -f .build/machine/vmlinuz ] && [ -x .build/machine/busybox ]; } ||
      { echo "no kernel is in .build/machine" && return 1; } ;;
    spin) command -v spin >/dev/null || { echo "spin is not here" && return 1; } ;;
    *) "$logs/rights" "$1" ;;
  esac
}

# Notes what was not tested, for the end, in one line now.
leave_out() { # WHAT COUNT REASON
  say "    skipped: $3"
  skipped=$((skipped + $2))
  untested="$untested${untested:+; }$1 ($3)"
}

# A check that is left out where the machine has not what it needs.
check_needing() { # WORD NAME TITLE MINUTES COMMAND...
  if reason=$(right "$1"); then
    shift
    check "$@"
    return
  fi
  say "==> $3"
  leave_out "$3" 1 "needs $1: $reason"
}

# Says why tests of a suite were skipped, once for each reason, and holds each against the machine:
# how many of the reasons are none goes into `unfounded`.
judge_skips() { # TARGET
  unfounded=0
  sed -n 's/^.* Test .* skipped: "\(.*\)"$/\1/p' "$log" | sort | uniq -c >"$logs/$1.skips"
  if [ "$left" -gt 0 ] && [ ! -s "$logs/$1.skips" ]; then
    unfounded=1
    fail "$1" "$left tests skipped without a reason"
  fi
  while read -r count reason; do
    leave_out "$count of $1" 0 "$reason"
    word=$(printf '%s\n' "$reason" | sed -n 's/^needs \([a-z0-9.-]*[a-z0-9]\)[:,] .*/\1/p')
    why=$(right "${word:-nothing}")
    case $? in
      1) say "      asked by other means: $why" && continue ;;
      0) sentence="$count tests skipped although $word is there" ;;
      *) sentence="$count tests skipped for a reason that nobody can check: $reason" ;;
    esac
    say "      $sentence"
    [ "$may_skip" = no ] || continue
    unfounded=$((unfounded + 1))
    fail "$1" "$sentence"
  done <"$logs/$1.skips"
}

# One test target. What counts is what the runner wrote, not only its exit status.
suite() { # TARGET TITLE
  say "==> $1: $2"
  rm -f "$logs/$1"*.xml
  logged "$1" 25 swift test --skip-build --disable-xctest --filter "^$1\\." \
    --xunit-output "$logs/$1.xml"
  results="$logs/$1-swift-testing.xml"
  [ -f "$results" ] || results="$logs/$1.xml"
  ran=0 bad=0 left=0
  if [ -f "$results" ]; then
    # Those that were skipped are not among its tests.
    ran=$(attribute "$results" tests)
    bad=$(($(attribute "$results" failures) + $(attribute "$results" errors)))
    left=$(attribute "$results" skipped)
  fi
  grep 'Test run with' "$log" | tail -n 1 | sed 's/^[^A-Za-z]*/    /'
  skipped=$((skipped + left))
  judge_skips "$1"
  if [ "$status" -ne 0 ] || [ "$bad" -gt 0 ]; then
    # A runner that died counted nothing; that is a failure all the same.
    [ "$bad" -gt 0 ] || bad=1
    fail "$1" "exit status $status after $took s"
  elif [ "$((ran + left))" -le 0 ]; then
    bad=1
    fail "$1" "no test ran"
  fi
  failed=$((failed + bad + unfounded))
  passed=$((passed + (ran > bad ? ran - bad : 0)))
}

# The suite that needs a kernel of its own. Where none can be had, its tests are skipped.
suite_in_machine() {
  say "==> The kernel of MachineTests"
  logged machine-kernel 15 sh Tests/Machine/prepare.sh
  tail -n 1 "$log" | sed 's/^/    /'
  suite MachineTests "the daemon in an emulated machine whose memory comes and goes"
}

finish() {
  say ""
  if [ -n "$failures" ]; then say "What failed:$failures"; fi
  say "$(($(date +%s) - started)) s in all; logs in $logs"
  say "$passed passed, $failed failed, $skipped skipped"
  # In one line, however many they are.
  [ -z "$untested" ] || say "Not tested here: $(printf '%s' "$untested" | tr '\n' ' ')."
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
  exit
}

say "coherentd's tests, $pace; $(swift --version 2>/dev/null | head -n 1)"

check requirements "What the build needs" 15 sh systemd/requirements.sh || finish
sed 's/^/    /' "$log"
say "==> What some tests need besides"
logged test-requirements 15 sh systemd/requirements.sh --tests ||
  say "    not all of it can be had here; what needs it is skipped below"
sed 's/^/    /' "$log" | tail -n 1
check rights "The question what this machine lets its programs do" 1 \
  clang -Wall -Wextra -Werror -o "$logs/rights" Tests/rights.c || finish
check format "Format: swift format lint --strict" 5 \
  swift format lint --strict --recursive --parallel Sources Tests Package.swift
check build "Build of everything, for debugging" 30 swift build --build-tests || finish
# Most targets make errors of their warnings themselves; none may have any.
if grep -E '/(Sources|Tests)/.*: warning:' "$log"; then
  failed=$((failed + 1))
  fail build "warnings"
fi

suite Tidy "the house style"
suite CoherentWireTests "the protocol's coding"
[ ! -d Tests/CoherentCoreTests ] || suite CoherentCoreTests "the core, piece by piece"
suite CoherentDaemonTests "configuration and the daemon's parts"
suite coherentctlTests "the command line"
suite CoherentControlTests "administration"
suite CoherentSystemTests "the system calls, and the kernel facts that the design stands on"
suite CoherentTests "the client library"
[ ! -d Tests/CoherentBenchTests ] || suite CoherentBenchTests "the benchmark's own parts"
suite Simulation "the core in a seeded world, $COHERENTD_SIMULATION_STEPS steps"
suite Integration "the real daemon and real processes"
suite CoherentSharedTests "control words: transitions, hostile words, threads and processes"
# The model checker is Debian's; where it cannot be had, the model is skipped with that reason.
if ! command -v spin >/dev/null 2>&1 && [ "$(id -u)" -eq 0 ]; then
  env DEBIAN_FRONTEND=noninteractive apt-get install -y -q spin >/dev/null 2>&1
fi
check_needing spin model "The model of the pins' handshake, every interleaving" 10 \
  sh Tests/Model/run-model.sh
[ ! -f "$logs/model.log" ] || tail -n 1 "$logs/model.log" | sed 's/^/    /'
# A target that nobody has named above is not forgotten.
for directory in Tests/*/; do
  target=$(basename "$directory")
  case $target in System | Machine) continue ;; esac
  if [ ! -f "$logs/$target.log" ] && grep -qr '^import Testing' "$directory"; then
    suite "$target" "a newcomer among the test targets"
  fi
done

system="the installed daemon under a real systemd, and its man pages"
# Here as it was built for debugging; otherwise further down, as it was built for release.
[ "$pace" != quick ] || suite SystemTests "$system"
[ "$pace" != quick ] || suite_in_machine
[ "$pace" != quick ] || say "==> left out, as this is quick: thread sanitizer, fuzzers and release build"
[ "$pace" != quick ] || finish

# The same stress with every access watched; a race that was seen fails the run.
check tsan-build "Build with the thread sanitizer" 30 \
  swift build --build-tests --sanitize=thread --scratch-path .build/tsan &&
  check tsan "Control words under the thread sanitizer" 10 \
    env TSAN_OPTIONS=halt_on_error=1 swift test --skip-build --disable-xctest \
    --sanitize=thread --scratch-path .build/tsan --filter '^CoherentSharedTests\.'

export COHERENTD_FUZZ=1
for directory in Tests/Fuzz/*/; do
  fuzzer=$(basename "$directory")
  # A path of its own, since the fuzzers' flags would rebuild all the rest.
  check "$fuzzer-build" "Build of $fuzzer" 15 \
    swift build --scratch-path .build/fuzz --product "$fuzzer" || continue
  mkdir -p "$logs/$fuzzer-corpus"
  check "$fuzzer" "$fuzzer for $fuzz_seconds s" $((fuzz_seconds / 60 + 5)) \
    "$(swift build --scratch-path .build/fuzz --show-bin-path)/$fuzzer" "$logs/$fuzzer-corpus" \
    -max_len=4096 "-max_total_time=$fuzz_seconds" -timeout=10 -rss_limit_mb=1024 \
    "-artifact_prefix=$logs/$fuzzer-"
  grep '^Done ' "$log" | sed 's/^/    /'
done
unset COHERENTD_FUZZ

check release "Build of the products, for release" 30 \
  swift build -c release --static-swift-stdlib || finish
products=$(swift build -c release --static-swift-stdlib --show-bin-path)
export COHERENTD_PRODUCTS="$products"
suite SystemTests "$system"
suite_in_machine
check_needing userfaultfd example "The README's example against a daemon started by hand" 5 \
  sh Tests/run-example.sh "$products"
check_needing userfaultfd files "Real files through a device of 8 MiB" 10 \
  "$products/coherent-bench" files /usr/lib --device 8M --limit 64M
check_needing userfaultfd crash "The daemon dies 60 times under its clients" 10 \
  "$products/coherent-bench" daemon-crash --rounds 60
[ ! -f "$logs/crash.log" ] || tail -n 6 "$logs/crash.log" | sed 's/^/    /'
check core "The core's own cost" 10 "$products/coherent-bench" core --repeat 1
grep -v '^$' "$log" | sed 's/^/    /'
finish
