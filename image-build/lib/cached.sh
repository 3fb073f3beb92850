# For builds that must be short: whether both roots are there already. Sourced by build.sh.
# shellcheck shell=bash

# Nothing is made or removed: make_roots, with a `keep` that only looks. The one of roots.sh stays as it is, because
# that file is part of what the roots are cached by.
roots_are_kept() (
  keep() {
    KEPT=$EDGE_CACHE/$1-$(printf '%s' "$2" | sha256sum | cut -c1-16)
    [ -d "$KEPT" ] && return
    say "$1: not cached (no $KEPT)"
    exit 1
  }
  make_roots
)

# With EDGE_CACHED_ONLY=yes a build that would have to make a root ends at once, as one that lacks a tool does.
require_kept_roots() {
  [ "${EDGE_CACHED_ONLY:-}" = yes ] || return 0
  roots_are_kept || exit 77
}
