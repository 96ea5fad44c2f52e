#!/bin/sh
# Makes sure that what the guest is made of is in .build/machine: a kernel and busybox, out of
# Debian's packages, which are unpacked and never installed. Does nothing where they are there, so
# only the first run needs a network. QEMU itself is systemd/requirements.sh's matter.
set -eu
cd "$(dirname "$0")/../.."

directory=.build/machine
if [ -f "$directory/vmlinuz" ] && [ -x "$directory/busybox" ]; then
  echo "Nothing is missing: a kernel and busybox are in $directory."
  exit 0
fi
for program in apt-get apt-cache dpkg; do
  command -v $program >/dev/null 2>&1 || { echo "There is no $program here." >&2 && exit 1; }
done

# The kernel that the distribution's own package for virtual machines depends on.
kernel() {
  apt-cache depends linux-image-cloud-amd64 2>/dev/null |
    sed -n 's/^ *Depends: \(linux-image-[^ ]*-cloud-amd64\)$/\1/p' | head -n 1
}
[ -n "$(kernel)" ] || apt-get update -q
[ -n "$(kernel)" ] || { echo "apt-cache knows no linux-image-cloud-amd64." >&2 && exit 1; }

mkdir -p "$directory"
packages=$(mktemp -d "$directory/packages-XXXXXX")
trap 'rm -rf "$packages"' EXIT
download() {
  (cd "$packages" && apt-get download -q busybox-static "$(kernel)")
}
echo "Downloading busybox-static and $(kernel)."
download || { apt-get update -q && download; }
for package in "$packages"/*.deb; do dpkg -x "$package" "$packages"; done
mv "$packages/bin/busybox" "$directory/busybox"
mv "$packages"/boot/vmlinuz-* "$directory/vmlinuz"
