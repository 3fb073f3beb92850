# What a build can be told, by environment, and what follows from the sources. Sourced by build.sh.
# shellcheck shell=bash disable=SC2034 # used by the other parts

SUITE=trixie
PYTHON_VERSION=3.13
PUBLIC_ARCHIVE=http://deb.debian.org/debian
PUBLIC_SECURITY_ARCHIVE=http://deb.debian.org/debian-security
ROOT_EPOCH=1735689600 # times in the cached roots; an image's own times come from its commit

# EDGE_CACHE: roots and wheels, kept between builds. EDGE_OUT: where the image is left.
EDGE_CACHE=${EDGE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/edge-image}
EDGE_OUT=${EDGE_OUT:-$REPOSITORY/build/image}
# Where packages come from: what is given, else the mirror that apt on this machine uses, else the public one.
EDGE_ARCHIVE=${EDGE_ARCHIVE:-}
EDGE_SECURITY_ARCHIVE=${EDGE_SECURITY_ARCHIVE:-}

find_archives() {
  EDGE_ARCHIVE=${EDGE_ARCHIVE:-$(archive_of_this_machine Debian "$PUBLIC_ARCHIVE")}
  EDGE_SECURITY_ARCHIVE=${EDGE_SECURITY_ARCHIVE:-$(archive_of_this_machine Debian-Security "$PUBLIC_SECURITY_ARCHIVE")}
}

# archive_of_this_machine LABEL DEFAULT
archive_of_this_machine() {
  local found
  found=$(apt-get indextargets --format '$(LABEL) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
    sed -n "s/^$1 main //p" | head -n 1)
  printf '%s' "${found:-$2}"
}

# The archive's suites as lines of sources.list, for the build only: nothing of them ends in the image.
archive_lines() {
  printf 'deb [signed-by=%s] %s %s main\n' \
    "$ARCHIVE_KEYS" "$EDGE_ARCHIVE" "$SUITE" \
    "$ARCHIVE_KEYS" "$EDGE_ARCHIVE" "$SUITE-updates" \
    "$ARCHIVE_KEYS" "$EDGE_SECURITY_ARCHIVE" "$SUITE-security"
}
ARCHIVE_KEYS=/usr/share/keyrings/debian-archive-keyring.gpg

# Version, commit and time of the sources: they alone decide what is in an image.
read_sources() {
  VERSION=$(sed -n 's/^version = "\(.*\)"/\1/p' "$REPOSITORY/pyproject.toml")
  COMMIT=$(git -C "$REPOSITORY" rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
  if [ -n "$(git -C "$REPOSITORY" status --porcelain 2>/dev/null)" ]; then COMMIT=$COMMIT-changed; fi
  SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$REPOSITORY" log -1 --format=%ct 2>/dev/null || echo "$ROOT_EPOCH")}
  export SOURCE_DATE_EPOCH
}
