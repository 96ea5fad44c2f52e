#!/bin/sh
# Installs what was built: programs, units, configuration, man pages and completions. It builds
# nothing, enables nothing and starts nothing. What it did is written down in a list, which
# uninstall.sh undoes; so nothing may be put in place here that is not in that list.
set -eu
umask 022
sources=$(cd "$(dirname "$0")/.." && pwd)

usage() {
  cat <<'HELP'
Usage: [DESTDIR=DIR] [PREFIX=DIR] sh systemd/install.sh [OPTION...]

  --products DIR     where the built programs are (.build/release of this repository)
  --systemd VERSION  the systemd that it is for, as 252 (the one that is here)
  --shared-runtime   accept programs that need Swift's shared libraries where they are now
  --help             this text

Environment:
  PREFIX   programs, man pages and completions go below it, and what systemd reads too if it is
           /usr or /usr/local; with any other, that goes below /usr/local/lib (/usr/local)
  DESTDIR  put before every path, to make a package; then nothing of this system is changed
HELP
}

fail() {
  printf 'install.sh: %s\n' "$*" >&2
  exit 1
}
say() { printf '%s\n' "$*"; }

products=$sources/.build/release
version="" shared_runtime=no
while [ $# -gt 0 ]; do
  case $1 in
    --help | -h) usage && exit 0 ;;
    --shared-runtime) shared_runtime=yes ;;
    --products | --systemd)
      [ $# -ge 2 ] || { usage >&2 && exit 64; }
      if [ "$1" = --products ]; then products=$2; else version=$2; fi
      shift
      ;;
    *) printf 'unknown argument %s\n\n' "$1" >&2 && usage >&2 && exit 64 ;;
  esac
  shift
done

DESTDIR=${DESTDIR:-}
PREFIX=${PREFIX:-/usr/local}
case $PREFIX in
  /*) ;;
  *) fail "PREFIX is not an absolute path: $PREFIX" ;;
esac
# systemd reads these two and no other.
case $PREFIX in
  /usr | /usr/local) lib=$PREFIX/lib ;;
  *) lib=/usr/local/lib ;;
esac
if [ -z "$DESTDIR" ] && [ "$(id -u)" -ne 0 ]; then
  fail "run it as root, or with DESTDIR to make a package"
fi
if [ -z "$version" ] && command -v systemctl >/dev/null 2>&1; then
  version=$(systemctl --version | sed -n '1s/^systemd \([0-9]*\).*/\1/p')
fi
case ${version:-none} in
  none) version=0 ;;
  *[!0-9]*) fail "not a version of systemd: $version" ;;
esac

# What is needed is there, before anything is changed.
for program in coherentd coherentctl; do
  if [ ! -x "$products/$program" ]; then
    printf 'install.sh: %s is not there. Build it first:\n' "$products/$program" >&2
    printf '  swift build -c release --static-swift-stdlib\n' >&2
    exit 1
  fi
  needed=$(ldd "$products/$program" | sed -n -e 's/^[[:space:]]*\(libswift[^ ]*\).*/\1/p' \
    -e 's/^[[:space:]]*\(libFoundation[^ ]*\).*/\1/p')
  if [ -n "$needed" ] && [ "$shared_runtime" = no ]; then
    printf 'install.sh: %s needs Swift where it was built. Build it so that it does not:\n' \
      "$products/$program" >&2
    printf '  swift build -c release --static-swift-stdlib\n' >&2
    exit 1
  fi
  if ldd "$products/$program" | grep 'not found' >&2; then
    fail "$products/$program needs libraries that are not here"
  fi
done

list=$lib/coherentd/installed
staging=$(mktemp -d)
trap 'rm -rf "$staging"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
: >"$staging/list" && : >"$staging/before"
[ ! -f "$DESTDIR$list" ] || cp "$DESTDIR$list" "$staging/before"
# What an earlier installation made is still this one's to remove.
grep -E '^(directory|user|group) ' "$staging/before" >"$staging/list" || true

# Makes a directory, and notes which of its parents were not there.
make_directory() { # PATH
  [ ! -d "$DESTDIR$1" ] || return 0
  [ "$1" = "${1%/*}/" ] || [ -z "${1%/*}" ] || make_directory "${1%/*}"
  mkdir "$DESTDIR$1"
  echo "directory $1" >>"$staging/list"
}

checksum() { sha256sum <"$1" | cut -d ' ' -f 1; } # FILE

# Puts a file in its place at once, also where it is in use.
put() { # MODE FILE PATH
  make_directory "${3%/*}"
  cp "$2" "$DESTDIR$3.new"
  chmod "$1" "$DESTDIR$3.new"
  mv -f "$DESTDIR$3.new" "$DESTDIR$3"
  echo "file $(checksum "$2") $3" >>"$staging/list"
}

# The same for what an administrator may have changed, and then keeps.
put_configuration() { # FILE PATH
  shipped=$(checksum "$1")
  noted=$(sed -n "s|^file \([0-9a-f]*\) $2\$|\1|p" "$staging/before")
  if [ -f "$DESTDIR$2" ]; then present=$(checksum "$DESTDIR$2"); else present=$shipped; fi
  if [ "$present" = "$shipped" ] || [ "$present" = "$noted" ]; then
    put 644 "$1" "$2"
  else
    say "kept, as it was changed: $DESTDIR$2"
    echo "file $shipped $2" >>"$staging/list"
  fi
}

make_directory "$PREFIX"
for program in coherentd coherentctl; do
  put 755 "$products/$program" "$PREFIX/bin/$program"
done
put_configuration "$sources/config/coherentd.conf" "$lib/coherentd/coherentd.conf"
put_configuration "$sources/systemd/10-groups.conf" "$lib/coherentd/coherentd.conf.d/10-groups.conf"

units=$lib/systemd/system
for service in coherentd.service coherentd-metrics.service; do
  sed "s|@bindir@|$PREFIX/bin|" "$sources/systemd/$service" >"$staging/$service"
  put 644 "$staging/$service" "$units/$service"
done
put 644 "$sources/systemd/coherentd.socket" "$units/coherentd.socket"
put 644 "$sources/systemd/coherentd-control.socket" "$units/coherentd-control.socket"
put 644 "$sources/systemd/coherentd-metrics.socket" "$units/coherentd-metrics.socket"
for drop_in in "$sources"/systemd/coherentd.service.d/10-systemd-*.conf; do
  since=${drop_in##*-}
  [ "$version" -ge "${since%.conf}" ] || continue
  put 644 "$drop_in" "$units/coherentd.service.d/${drop_in##*/}"
done
put 644 "$sources/systemd/coherentd.preset" "$lib/systemd/system-preset/60-coherentd.preset"
put 644 "$sources/systemd/coherentd.sysusers" "$lib/sysusers.d/coherentd.conf"
put 644 "$sources/systemd/coherentd.rules" "$lib/udev/rules.d/60-coherentd.rules"
# The one place where every version of systemd looks for it.
[ ! -f "$sources/systemd/coherentd.catalog" ] ||
  put 644 "$sources/systemd/coherentd.catalog" /usr/lib/systemd/catalog/coherentd.catalog

put 644 "$sources/systemd/man/coherentd.8" "$PREFIX/share/man/man8/coherentd.8"
put 644 "$sources/systemd/man/coherentctl.1" "$PREFIX/share/man/man1/coherentctl.1"
put 644 "$sources/systemd/man/coherentd.conf.5" "$PREFIX/share/man/man5/coherentd.conf.5"
put_completion() { # SHELL PATH
  "$products/coherentctl" --generate-completion-script "$1" >"$staging/completion"
  put 644 "$staging/completion" "$2"
}
put_completion bash "$PREFIX/share/bash-completion/completions/coherentctl"
put_completion zsh "$PREFIX/share/zsh/site-functions/_coherentctl"
put_completion fish "$PREFIX/share/fish/vendor_completions.d/coherentctl.fish"

# What an earlier version brought and this one does not.
sed -n 's/^file [0-9a-f]* //p' "$staging/before" | while IFS= read -r path; do
  grep -q "^file [0-9a-f]* $path\$" "$staging/list" || rm -f "$DESTDIR$path"
done

if [ -z "$DESTDIR" ]; then
  getent passwd coherentd >/dev/null || echo "user coherentd" >>"$staging/list"
  for group in coherentd coherent coherent-admin; do
    getent group "$group" >/dev/null || echo "group $group" >>"$staging/list"
  done
fi
mv "$staging/list" "$DESTDIR$list"
chmod 644 "$DESTDIR$list"

if [ -n "$DESTDIR" ]; then
  say "Installed below $DESTDIR. A package runs this once it is in place:"
  say "  systemd-sysusers, systemctl daemon-reload, journalctl --update-catalog"
  exit 0
fi

systemd-sysusers "$lib/sysusers.d/coherentd.conf"
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  [ ! -f /usr/lib/systemd/catalog/coherentd.catalog ] || journalctl --update-catalog
  if [ -S /run/udev/control ]; then
    udevadm control --reload && udevadm trigger --action=change --subsystem-match=misc \
      --sysname-match=userfaultfd
  fi
fi
say "Installed below $PREFIX."
if [ -d /run/systemd/system ] && systemctl --quiet is-active coherentd.service; then
  say "The daemon that runs is the old one still. To replace it, with everybody's data kept:"
  say "  systemctl restart coherentd.service"
else
  say "To start it with the first client, also after every boot:"
  say "  systemctl enable --now coherentd.socket coherentd-control.socket"
  say "For Prometheus, on port 9797 of this machine alone:"
  say "  systemctl enable --now coherentd-metrics.socket"
  say "Clients must be in group coherent, administrators in group coherent-admin, or be root."
fi
