#!/bin/bash
# build.sh rpi4|rpi5 : the image for a Raspberry Pi. Renders what rpi-image-gen is given and checks it; runs rpi-image-gen
# where it and Raspberry Pi's archive can be reached. Called by ../build.sh; needs no root.
# Status: 0 built; 75 rendered and checked, but not built; 1 something is wrong.
set -euo pipefail
umask 022
export LC_ALL=C TZ=UTC
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
BUILD=$(dirname "$HERE")
REPOSITORY=$(dirname "$BUILD")
# shellcheck source=../lib/say.sh
. "$BUILD/lib/say.sh"
# shellcheck source=../lib/settings.sh
. "$BUILD/lib/settings.sh"

# EDGE_ARCHIVE, EDGE_SECURITY_ARCHIVE: Debian's packages; the public ones, since rpi-image-gen leaves addresses in an image.
# EDGE_RPI_ARCHIVE: Raspberry Pi's packages. EDGE_RPI_IMAGE_GEN: a checkout of rpi-image-gen, or where to clone it from.
# EDGE_DEB: an arm64 package that was made before. EDGE_WIFI_COUNTRY: which channels are allowed (ISO 3166).
EDGE_ARCHIVE=${EDGE_ARCHIVE:-$PUBLIC_ARCHIVE}
EDGE_SECURITY_ARCHIVE=${EDGE_SECURITY_ARCHIVE:-$PUBLIC_SECURITY_ARCHIVE}
EDGE_RPI_ARCHIVE=${EDGE_RPI_ARCHIVE:-http://archive.raspberrypi.com/debian}
EDGE_RPI_IMAGE_GEN=${EDGE_RPI_IMAGE_GEN:-https://github.com/raspberrypi/rpi-image-gen.git}
EDGE_WIFI_COUNTRY=${EDGE_WIFI_COUNTRY:-00}
NOT_BUILT=75
PYTHON=${PYTHON:-$REPOSITORY/.venv/bin/python}

not_built() {
  say "rendered and checked: $OUT/source"
  printf 'build.sh: the image for %s was NOT BUILT: %s\n' "$TARGET" "$1" >&2
  exit $NOT_BUILT
}

make_package() {
  PACKAGE=${EDGE_DEB:-}
  [ -z "$PACKAGE" ] || return 0
  say "package"
  PYTHON=$PYTHON "$BUILD/deb/build.sh" --arch arm64 --out "$OUT" >&2
  PACKAGE=$(ls "$OUT"/edge_*_arm64.deb)
}

render() {
  say "render"
  python3 "$HERE/render.py" --target "$TARGET" --out "$OUT" --package "$PACKAGE" --version "$VERSION" --commit "$COMMIT" \
    --epoch "$SOURCE_DATE_EPOCH" --debian "$EDGE_ARCHIVE" --security "$EDGE_SECURITY_ARCHIVE" \
    --raspberrypi "$EDGE_RPI_ARCHIVE" --country "$EDGE_WIFI_COUNTRY"
}

check() {
  say "check"
  "$PYTHON" "$HERE/check.py" "$OUT/source" || die "what was rendered for $TARGET is wrong"
}

reachable() {
  curl --silent --show-error --fail --location --max-time 20 --output /dev/null "$1" 2>"$OUT/curl.log"
}

# Sets TOOL: the folder of rpi-image-gen, as known.yaml says which.
find_tool() {
  TOOL=$EDGE_RPI_IMAGE_GEN
  [ ! -x "$TOOL/rpi-image-gen" ] || return 0
  local commit
  commit=$(sed -n 's/^commit: \([0-9a-f]*\).*/\1/p' "$HERE/known.yaml")
  TOOL=$OUT/rpi-image-gen
  rm -rf "$TOOL"
  git init --quiet "$TOOL"
  timeout 300 git -C "$TOOL" fetch --quiet --depth 1 "$EDGE_RPI_IMAGE_GEN" "$commit" 2>"$OUT/git.log" ||
    not_built "rpi-image-gen cannot be fetched from $EDGE_RPI_IMAGE_GEN ($(tail -n 1 "$OUT/git.log")); EDGE_RPI_IMAGE_GEN names a checkout"
  git -C "$TOOL" checkout --quiet FETCH_HEAD
}

run_tool() {
  say "rpi-image-gen"
  mkdir -p "$OUT/work"
  "$TOOL/rpi-image-gen" build -S "$OUT/source" -c "edge-$TARGET.yaml" -B "$OUT/work" || die "rpi-image-gen failed, see above"
  local made
  made=$(find "$OUT/work" -name "edge-$TARGET.img" -print -quit)
  [ -n "$made" ] || die "rpi-image-gen made no edge-$TARGET.img"
  mv "$made" "$OUT/disk.img"
  mv "$(dirname "$made")/slot.img" "$OUT/slot.img"
  say "done: $OUT/disk.img, $OUT/slot.img"
}

TARGET=${1:-}
case $TARGET in
rpi4 | rpi5) ;;
*) die "usage: build.sh rpi4|rpi5" ;;
esac
OUT=$EDGE_OUT/$TARGET
mkdir -p "$OUT"
read_sources
make_package
render
check
reachable "$EDGE_RPI_ARCHIVE/dists/$SUITE/InRelease" ||
  not_built "Raspberry Pi's archive cannot be reached at $EDGE_RPI_ARCHIVE ($(tail -n 1 "$OUT/curl.log")); EDGE_RPI_ARCHIVE names another"
find_tool
python3 "$BUILD/bundle.py" public-key >"$OUT/source/overlay/usr/lib/edge-appliance/update-key.pem"
run_tool
python3 "$BUILD/bundle.py" make "$OUT"
