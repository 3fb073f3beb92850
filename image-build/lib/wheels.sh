# Python packages for the target, as the lock names them. Sourced by build.sh.
# shellcheck shell=bash

LOCK=$BUILD/requirements.lock

# Sets WHEELS: a folder with every file of the lock, each checked against its hash, and what builds the few that are
# sources. From here on no build needs the network.
make_wheelhouse() {
  keep "wheels-$WHEEL_MACHINE" "$(cat "$LOCK") $(locked_builder) $(wheel_options "$WHEEL_MACHINE")" download_wheels
  WHEELS=$KEPT
}

download_wheels() {
  locked_builder >"$WORK/builder.lock"
  mapfile -t options < <(wheel_options "$WHEEL_MACHINE")
  pip_here download --no-deps --require-hashes "${options[@]}" -d "$1" -r "$LOCK"
  pip_here download --no-deps --require-hashes -d "$1" -r "$WORK/builder.lock"
}

# setuptools as the tests' lock pins it: builds packages that have no wheel.
locked_builder() {
  sed -n '/^setuptools==/,/^ *# via/p' "$REPOSITORY/tests/requirements.lock"
}

pip_here() {
  python3 -m pip --quiet --disable-pip-version-check --no-input "$@" 2>"$WORK/pip.log" ||
    die "pip $1: $(grep -m 3 ERROR "$WORK/pip.log" || tail -n 3 "$WORK/pip.log")"
}
