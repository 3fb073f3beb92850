#!/bin/bash
# build.sh --target qemu-arm64|rpi4|rpi5 : the appliance's image, from this checkout and Debian's packages.
# What it can be told by environment stands in lib/settings.sh; what it needs, in README.md.
set -euo pipefail
umask 022
export LC_ALL=C TZ=UTC
BUILD=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
REPOSITORY=$(dirname "$BUILD")
for part in say settings namespace roots cached tools platform wheels parts package system initramfs disk; do
  # shellcheck source=/dev/null
  . "$BUILD/lib/$part.sh"
done

build() {
  read_sources
  require_kept_roots
  make_parts
  open_tools
  make_system
  make_initramfs
  make_disk
  write_manifest
  hand_over
  make_bundle
}

# WORK is on the cache's disk, for large files, also those of mmdebstrap; WORK/made is what the tools see as /made.
open_work_folder() {
  mkdir -p "$EDGE_CACHE"
  WORK=$(mktemp -d "$EDGE_CACHE/build.XXXXXX")
  chmod 711 "$WORK"
  mkdir "$WORK/made" "$WORK/tmp"
}

write_manifest() {
  say "manifest"
  python3 "$BUILD/manifest.py" --roots "$ROOT_KEPT" --wheels "$WHEELS" --root "$ROOT" --made "$WORK/made" \
    --target "$TARGET" --version "$VERSION" --commit "$COMMIT" --kernel "$KERNEL_VERSION" --epoch "$SOURCE_DATE_EPOCH" \
    disk.img system.ext4 vmlinuz initrd
}

hand_over() {
  local out=$EDGE_OUT/$TARGET name
  mkdir -p "$out"
  for name in disk.img system.ext4 vmlinuz initrd manifest.json sbom.cdx.json; do
    cp --sparse=always "$WORK/made/$name" "$out/$name.new"
    mv "$out/$name.new" "$out/$name"
  done
  say "done: $out ($(du -sm "$out/disk.img" | cut -f1) MB on disk)"
}

# What devices that run already are updated with; signed with a key that is not in the repository (README.md).
make_bundle() {
  say "update bundle"
  python3 "$BUILD/bundle.py" make "$EDGE_OUT/$TARGET"
}

# A machine that lacks a tool is told all it lacks; 77 tells `make test-image` to skip, loudly.
require_tools() {
  local missing=() tool
  for tool in mmdebstrap arch-test dpkg-deb unshare git python3 xz openssl debugfs; do
    command -v "$tool" >/dev/null || missing+=("$tool")
  done
  [ "${#missing[@]}" = 0 ] && return
  printf 'build.sh: missing here: %s (README.md lists the packages)\n' "${missing[*]}" >&2
  exit 77
}

usage="build.sh --target qemu-arm64|rpi4|rpi5"
if [ $# != 2 ] || [ "$1" != --target ]; then die "usage: $usage"; fi
TARGET=$2
case $TARGET in rpi*) exec "$BUILD/rpi/build.sh" "$TARGET" ;; esac
TARGET_FILE=$BUILD/targets/$TARGET.sh
[ -f "$TARGET_FILE" ] || die "no target '$TARGET'; usage: $usage"
# shellcheck source=/dev/null
. "$TARGET_FILE"

# Read as a whole before anything runs, so that an edit of this file does not meet a build under way.
if [ "${EDGE_INSIDE:-}" = yes ]; then
  build
  exit
else
  require_tools
  find_archives
  open_work_folder
  export EDGE_ARCHIVE EDGE_SECURITY_ARCHIVE EDGE_CACHE EDGE_OUT WORK TMPDIR="$WORK/tmp"
  enter_namespace "$0" "$@"
  exit
fi
