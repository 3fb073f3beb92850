# Python packages for the target, as the lock names them. Sourced by build.sh.
# shellcheck shell=bash

LOCK=$BUILD/requirements.lock

# pip's words for the target: what runs there, whatever Python runs here.
wheel_options() {
  printf '%s\n' --implementation cp --python-version "$PYTHON_VERSION" --abi "cp${PYTHON_VERSION/./}" --abi abi3 --abi none
  printf -- '--platform\n%s\n' "manylinux_2_28_$WHEEL_MACHINE" "manylinux_2_27_$WHEEL_MACHINE" \
    "manylinux_2_17_$WHEEL_MACHINE" "manylinux2014_$WHEEL_MACHINE" any
}

# Sets WHEELS: a folder with every file of the lock, each checked against its hash, and what builds the few that are
# sources. From here on no build needs the network.
make_wheelhouse() {
  keep "wheels-$WHEEL_MACHINE" "$(cat "$LOCK") $(locked_builder) $(wheel_options)" download_wheels
  WHEELS=$KEPT
}

download_wheels() {
  locked_builder >"$WORK/builder.lock"
  mapfile -t options < <(wheel_options)
  pip_here download --no-deps --require-hashes "${options[@]}" -d "$1" -r "$LOCK"
  pip_here download --no-deps --require-hashes -d "$1" -r "$WORK/builder.lock"
}

# setuptools as the tests' lock pins it: builds edge and packages that have no wheel.
locked_builder() {
  sed -n '/^setuptools==/,/^ *# via/p' "$REPOSITORY/tests/requirements.lock"
}

pip_here() {
  python3 -m pip --quiet --disable-pip-version-check --no-input "$@" 2>"$WORK/pip.log" ||
    die "pip $1: $(grep -m 3 ERROR "$WORK/pip.log" || tail -n 3 "$WORK/pip.log")"
}

# install_wheels ROOT : /opt/edge, laid out as `python3 -m venv` does it, with edge and all it needs
install_wheels() {
  local home=$1/opt/edge site source=$WORK/source builder=$WORK/builder
  site=$home/lib/python$PYTHON_VERSION/site-packages
  mkdir -p "$home/bin" "$site" "$source"
  mapfile -t options < <(wheel_options)
  # Sources are built with the setuptools of the wheelhouse, whatever this machine's pip would have fetched.
  pip_here install --no-index --find-links "$WHEELS" --no-compile --target "$builder" setuptools
  local -x PYTHONPATH=$builder
  local offline=(install --no-index --find-links "$WHEELS" --no-deps --no-compile --target "$site")
  offline+=(--use-pep517 --no-build-isolation)
  pip_here "${offline[@]}" --require-hashes "${options[@]}" -r "$LOCK"
  git -C "$REPOSITORY" ls-files -z edge pyproject.toml README.md LICENSE |
    tar -C "$REPOSITORY" --null -T - -cf - | tar -C "$source" -xf -
  pip_here "${offline[@]}" "$source"
  # Where a package was installed from, and programs for this machine's Python, are nothing for the target.
  rm -rf "${site:?}/bin" "$site"/*.dist-info/direct_url.json
  printf 'home = /usr/bin\ninclude-system-site-packages = %s\nversion = %s\n' \
    "${SYSTEM_SITE_PACKAGES:-false}" "$PYTHON_VERSION" >"$home/pyvenv.cfg"
  ln -sfn /usr/bin/python3 "$home/bin/python3"
  ln -sfn python3 "$home/bin/python"
  printf '%s\n' '#!/opt/edge/bin/python3' 'import sys' 'from edge.cli.main import program' 'sys.exit(program())' \
    >"$home/bin/edge"
  chmod 755 "$home/bin/edge"
}
