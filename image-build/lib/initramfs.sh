# The initramfs: busybox, the modules that the card needs, init. About 2 MB. Sourced by build.sh.
# shellcheck shell=bash

# Makes /made/initrd.
make_initramfs() {
  say "initramfs"
  local tree=$WORK/made/initramfs
  mkdir -p "$tree"/{bin,dev,proc,sys,run,root,boot,data,modules}
  unpack_package busybox-static "$WORK/busybox"
  cp "$WORK/busybox/usr/bin/busybox" "$tree/bin/busybox"
  cp "$BUILD/initramfs/init" "$BUILD/slots/slot-state.sh" "$tree/"
  add_modules "$tree/modules"
  find "$tree" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
  with_tools bash -euo pipefail -c 'cd /made/initramfs
    find . -mindepth 1 -print0 | sort -z | cpio --null --create --format newc --reproducible --owner 0:0 --quiet |
    gzip -n -9 >/made/initrd'
}

# Unpacked, and in the order in which they are loaded: what needs another comes after it.
add_modules() {
  local module file
  for module in $INITRAMFS_MODULES; do
    with_tools modprobe --dirname /made/root --set-version "$KERNEL_VERSION" --show-depends "$module"
  done | sed -n 's/^insmod \([^ ]*\).*/\1/p' | awk '!seen[$0]++' >"$WORK/modules"
  : >"$1/order"
  while read -r file; do
    file=$WORK/made${file#/made}
    module=$(basename "${file%.xz}")
    case $file in
    *.xz) xz -dc "$file" >"$1/$module" ;;
    *) cp "$file" "$1/$module" ;;
    esac
    printf '%s\n' "$module" >>"$1/order"
  done <"$WORK/modules"
  [ -s "$1/order" ] || die "no modules for the initramfs"
}
