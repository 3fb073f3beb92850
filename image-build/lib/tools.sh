# The tools root at work: its programs see what is made as /made. Sourced by build.sh.
# shellcheck shell=bash

open_tools() {
  TOOLS=$WORK/tools
  mkdir -p "$TOOLS"
  tar -C "$TOOLS" --exclude='./dev/*' -xf "$TOOLS_KEPT/tools.tar"
  mkdir -p "$TOOLS/made"
  mount --rbind /dev "$TOOLS/dev"
  mount --rbind /proc "$TOOLS/proc"
  mount --bind "$WORK/made" "$TOOLS/made"
}

# with_tools PROGRAM ARGUMENT... : in the tools root
with_tools() {
  chroot "$TOOLS" /usr/bin/env -i PATH=/usr/sbin:/usr/bin LC_ALL=C TZ=UTC PYTHONHASHSEED=0 MTOOLS_SKIP_CHECK=1 \
    SOURCE_DATE_EPOCH="$SOURCE_DATE_EPOCH" E2FSPROGS_FAKE_TIME="$SOURCE_DATE_EPOCH" "$@"
}
