# edge itself: the Debian package that `make deb` makes, with the wheels of the wheelhouse. Sourced by build.sh.
# shellcheck shell=bash

# Unpacked and entered in the books by this machine's dpkg. What its script would do is done natively: users
# (add_overlay), byte code (compile_byte_code), units (units/*.list), first settings (add_first_settings).
install_package() {
  local options=(--path-exclude='/usr/share/man/*' --path-exclude='/usr/share/lintian/*' --path-exclude='/usr/share/doc/*'
    --path-include='/usr/share/doc/*/copyright')
  # Sources are built with the setuptools of the wheelhouse, whatever this machine's pip would have fetched. (That
  # isolation is off when its variable is false is pip's own logic.)
  pip_here install --no-index --find-links "$WHEELS" --no-compile --target "$WORK/builder" setuptools
  PYTHON=python3 PYTHONPATH=$WORK/builder PIP_NO_INDEX=1 PIP_FIND_LINKS=$WHEELS PIP_USE_PEP517=1 PIP_NO_BUILD_ISOLATION=false \
    "$BUILD/deb/build.sh" --arch "$ARCHITECTURE" --unpacked --out "$WORK/package" >"$WORK/package.log" 2>&1 ||
    die "the package: $(tail -n 3 "$WORK/package.log")"
  mount -t tmpfs none /etc/dpkg/dpkg.cfg.d # this machine's own rules must not count
  dpkg --root="$ROOT" --log="$ROOT/var/log/dpkg.log" "${options[@]}" --force-architecture --no-triggers \
    --unpack "$WORK"/package/edge_*.deb >"$WORK/package.log" 2>&1 || die "dpkg: $(tail -n 3 "$WORK/package.log")"
  umount /etc/dpkg/dpkg.cfg.d
  sed -i '/^Package: edge$/,/^$/s/^Status: .*/Status: install ok installed/' "$ROOT/var/lib/dpkg/status"
}
