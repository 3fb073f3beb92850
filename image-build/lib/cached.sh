# What of a build's parts is there already. Sourced by build.sh.
# shellcheck shell=bash

# only_look COMMAND... : with a `keep` that makes and removes nothing, and ends where something is missing. The one of
# roots.sh stays as it is, because that file is part of what the roots are cached by.
only_look() (
  # shellcheck disable=SC2317 # called by COMMAND
  keep() {
    KEPT=$EDGE_CACHE/$1-$(printf '%s' "$2" | sha256sum | cut -c1-16)
    [ -d "$KEPT" ] && return
    say "$1: not cached (no $KEPT)"
    exit 1
  }
  "$@"
)

# With EDGE_CACHED_ONLY=yes a build that would have to make a root ends at once, as one that lacks a tool does.
require_kept_roots() {
  [ "${EDGE_CACHED_ONLY:-}" = yes ] || return 0
  only_look make_roots || exit 77
}
