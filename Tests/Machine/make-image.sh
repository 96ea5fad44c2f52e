#!/bin/sh
# Packs the guest's whole file system: busybox, our programs, the shared libraries that these need
# here, and the first process. The kernel unpacks it to memory.
set -eu
[ $# -eq 3 ] || { echo "usage: make-image.sh IMAGE BUSYBOX PRODUCTS" >&2 && exit 64; }
image=$1 busybox=$2 products=$3

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
for directory in bin dev etc lib lib64 proc run sys tmp; do mkdir "$root/$directory"; done
cp "$(dirname "$0")/init" "$root/init"
chmod 755 "$root/init"
cp "$busybox" "$root/bin/busybox"
ln -s busybox "$root/bin/sh"
echo 'root:x:0:0::/:/bin/sh' >"$root/etc/passwd"
echo 'root:x:0:' >"$root/etc/group"

for program in coherentd coherentctl integration-client; do
  cp "$products/$program" "$root/bin/"
  # A line for each library, `NAME => PATH (ADDRESS)`; the loader has its path alone.
  ldd "$products/$program" | sed -n 's/^.*=> \(\/[^ ]*\) .*$/\1/p' | while read -r library; do
    cp -Lu "$library" "$root/lib/"
  done
done
cp -L /lib64/ld-linux-x86-64.so.2 "$root/lib64/"
# Names and line numbers are of no use there, and take time to unpack.
! command -v strip >/dev/null || strip "$root"/bin/coherent* "$root"/bin/integration-client

(cd "$root" && find . | "$busybox" cpio -o -H newc) >"$image"
