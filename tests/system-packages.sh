#!/bin/sh
# Installs the system packages of the real test parts where it may (root, apt); elsewhere names what is missing:
# the tests that need it are then skipped, each with its reason. Arguments are further packages.
set -eu
packages="
gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad
gstreamer1.0-plugins-ugly gstreamer1.0-libav python3-gi chromium chromium-driver ffmpeg nodejs mosquitto openssl haproxy gcc libc6-dev
busybox-static shellcheck $*"
command -v dpkg-query >/dev/null 2>&1 || { echo "tests: no dpkg here; tests of real RTSP and browsers may be skipped"; exit 0; }

missing=""
for package in $packages; do
  case "$package" in nodejs) command -v node >/dev/null 2>&1 && continue ;; esac
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
  echo "tests: some tests will be skipped; to run them all: sudo apt-get install$missing"
  exit 0
fi
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # a list of words
{ apt-get -qq update && apt-get -qq install -y --no-install-recommends $missing >/dev/null; } ||
  echo "tests: could not install$missing; their tests will be skipped"
