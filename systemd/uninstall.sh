#!/bin/sh
# Removes what install.sh put in place: by the list that it wrote, and nothing else. The daemon is
# stopped before, which hands every client its data. What an administrator made or changed is kept,
# and named, unless all of it is to go.
set -eu

usage() {
  cat <<'HELP'
Usage: [DESTDIR=DIR] [PREFIX=DIR] sh systemd/uninstall.sh [--purge] [--help]

  --purge  also remove configuration that was changed or added, and groups that have members

PREFIX and DESTDIR as they were for install.sh.
HELP
}

fail() {
  printf 'uninstall.sh: %s\n' "$*" >&2
  exit 1
}
say() { printf '%s\n' "$*"; }

purge=no
for argument in "$@"; do
  case $argument in
    --help | -h) usage && exit 0 ;;
    --purge) purge=yes ;;
    *) printf 'unknown argument %s\n\n' "$argument" >&2 && usage >&2 && exit 64 ;;
  esac
done

DESTDIR=${DESTDIR:-}
PREFIX=${PREFIX:-/usr/local}
case $PREFIX in
  /usr | /usr/local) lib=$PREFIX/lib ;;
  *) lib=/usr/local/lib ;;
esac
list=$DESTDIR$lib/coherentd/installed
[ -f "$list" ] || fail "nothing to remove: there is no $list"
if [ -z "$DESTDIR" ] && [ "$(id -u)" -ne 0 ]; then fail "run it as root"; fi

running=no
if [ -z "$DESTDIR" ] && [ -d /run/systemd/system ]; then running=yes; fi
sockets="coherentd.socket coherentd-control.socket"
metrics="coherentd-metrics.socket coherentd-metrics.service"
if [ "$running" = yes ] && [ -f "$lib/systemd/system/coherentd.service" ]; then
  # First, or a scraper would start the daemon again.
  if [ -f "$lib/systemd/system/coherentd-metrics.service" ]; then
    # shellcheck disable=SC2086 # two words
    systemctl --quiet disable --now $metrics
    # shellcheck disable=SC2086
    systemctl reset-failed $metrics 2>/dev/null || true
  fi
  # shellcheck disable=SC2086 # two words
  systemctl --quiet disable --now $sockets coherentd.service
  # Where systemd keeps descriptors of a stopped service; an older one knows no such thing.
  systemctl clean --what=fdstore coherentd.service 2>/dev/null || true
  # shellcheck disable=SC2086
  systemctl reset-failed $sockets coherentd.service 2>/dev/null || true
  # Made for the sockets, by systemd.
  rmdir /run/coherentd 2>/dev/null || true
fi

# What stays in the list, because it is kept.
kept=""
keep() { # LINE SENTENCE
  kept="$kept$1
"
  say "kept, $2"
}

while read -r kind sum path; do
  if [ "$kind" != file ] || [ ! -f "$DESTDIR$path" ]; then continue; fi
  case $path in
    "$lib"/coherentd/*.conf)
      if [ "$purge" = no ] && [ "$(sha256sum <"$DESTDIR$path" | cut -d ' ' -f 1)" != "$sum" ]; then
        keep "file $sum $path" "as it was changed: $DESTDIR$path"
        continue
      fi
      ;;
  esac
  rm -f "$DESTDIR$path"
done <"$list"

# What only an administrator can have made.
for path in /etc/coherentd /etc/systemd/system/coherentd.service.d \
  /etc/systemd/system/coherentd.socket.d /etc/systemd/system/coherentd-control.socket.d \
  /etc/systemd/system/coherentd-metrics.socket.d /etc/systemd/system/coherentd-metrics.service.d; do
  [ -e "$DESTDIR$path" ] || continue
  if [ "$purge" = yes ]; then
    rm -rf "$DESTDIR${path:?}"
  else
    keep "" "as no installation made it: $DESTDIR$path"
  fi
done

# The user and the groups, if they were not there before.
if [ -z "$DESTDIR" ]; then
  if grep -qx 'user coherentd' "$list" && getent passwd coherentd >/dev/null; then
    userdel coherentd
  fi
  for group in coherentd coherent coherent-admin; do
    grep -qx "group $group" "$list" || continue
    entry=$(getent group "$group") || continue
    members=${entry##*:}
    if [ -n "$members" ] && [ "$purge" = no ]; then
      keep "group $group" "as it has members: group $group ($members)"
    else
      groupdel "$group"
    fi
  done
fi

directories=$(sed -n 's/^directory //p' "$list" | sort -r)
if [ -n "$kept" ]; then
  { sed -n '/^directory /p' "$list" && printf '%s' "$kept" | sed '/^$/d'; } >"$list.new"
  mv "$list.new" "$list"
else
  rm -f "$list"
fi
# The deepest first; what is not empty holds something that is not ours.
for directory in $directories; do
  rmdir "$DESTDIR$directory" 2>/dev/null || true
done

if [ "$running" = yes ]; then
  systemctl daemon-reload
  journalctl --update-catalog
  if [ -S /run/udev/control ]; then udevadm control --reload; fi
fi
if [ -n "$kept" ]; then
  say "Removed, but for what was kept; uninstall.sh --purge removes that too."
else
  say "Removed."
fi
