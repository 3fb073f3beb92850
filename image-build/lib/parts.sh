# Both roots and the wheels, made side by side: none needs another, and what runs under emulation keeps one core busy.
# Sourced by build.sh.
# shellcheck shell=bash

# Sets what make_roots and make_wheelhouse set.
make_parts() {
  only_look both_kinds || make_beside
  both_kinds
}

both_kinds() {
  make_roots
  make_wheelhouse
}

make_beside() {
  local part jobs=() whole=yes
  for part in root tools wheels; do
    make_only "$part" &
    jobs+=("$!")
  done
  for part in "${jobs[@]}"; do
    wait "$part" || whole=no
  done
  [ "$whole" = yes ] || die "a part could not be made; those that could are kept for the next build"
}

# make_only NAME : that part, unless it is there. In a process of its own: `keep` is another one afterwards.
make_only() {
  local wanted=$1
  eval "every_$(declare -f keep)"
  # shellcheck disable=SC2317,SC2034 # called by both_kinds, which reads KEPT
  keep() {
    KEPT=''
    [[ $1 != "$wanted"-* ]] || every_keep "$@"
  }
  both_kinds
}
