#!/usr/bin/env bash
# build.sh [--arch amd64|arm64] [--version VERSION] [--out DIR] [--unpacked]: the Debian package `edge`, from this
# checkout and the wheels of image-build/requirements.lock. Two builds of one commit are equal, byte for byte
# (SOURCE_DATE_EPOCH: the time of the commit). No root, no emulation: wheels of another machine are only unpacked.
# Wheels come from where pip is told (PIP_NO_INDEX and PIP_FIND_LINKS for a folder). --unpacked packs nothing small: for
# who unpacks it at once.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
arch=$(dpkg --print-architecture)
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$root/pyproject.toml")
out=$root/build
python=${PYTHON:-$root/.venv/bin/python}
packing=(-Zzstd -z9)
while [ $# -gt 0 ]; do
  case $1 in
    --arch) arch=$2 ;;
    --version) version=$2 ;;
    --out) out=$2 ;;
    --unpacked) packing=(-Znone) && set -- "$1" "$@" ;;
    *) echo "build.sh: unknown option $1; it takes --arch, --version, --out, --unpacked" >&2 && exit 2 ;;
  esac
  shift 2
done
case $arch in
  amd64) machine=x86_64 ;;
  arm64) machine=aarch64 ;;
  *) echo "build.sh: no package for $arch, only for amd64 and arm64" >&2 && exit 2 ;;
esac
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct)}
export SOURCE_DATE_EPOCH
umask 022
# shellcheck source=/dev/null
. "$root/image-build/lib/platform.sh"

work=$(mktemp -d "${TMPDIR:-/tmp}/edge-deb.XXXXXX")
trap 'rm -rf "$work"' EXIT
tree=$work/tree
libraries=$tree/usr/lib/edge
documents=$tree/usr/share/doc/edge
mkdir -p "$libraries" "$documents/examples" "$tree/usr/bin" "$tree/usr/share/edge" "$tree/usr/share/man/man1" \
  "$tree/DEBIAN" "$tree/usr/lib/systemd/system" "$tree/usr/lib/sysusers.d" "$tree/usr/lib/tmpfiles.d" \
  "$tree/usr/lib/udev/rules.d" "$tree/usr/share/lintian/overrides"

unpack_wheels() {
  local options
  mapfile -t options < <(wheel_options "$machine")
  "$python" -m pip --quiet --disable-pip-version-check install --no-deps --no-compile --require-hashes \
    --target "$libraries" "${options[@]}" -r "$root/image-build/requirements.lock"
}

leave_out_what_does_not_run() { # commands, tests, and what compilers and type checkers read
  rm -rf "${libraries:?}/bin" "$libraries/tqdm/completion.sh" "$libraries/numpy/_core/include" "$libraries/numpy/_core/lib" "$libraries/numpy/f2py/src"
  find "$libraries" -type d -name tests -prune -exec rm -rf {} +
  find "$libraries" -type f \( -name '*.pyi' -o -name '*.py[xc]' -o -name '*.pxd' -o -name '*.[ha]' \) -delete
  find "$libraries" -path '*.dist-info/*' -type f ! -name METADATA ! -ipath '*licen[cs]e*' ! -iname 'copying*' -delete
  find "$libraries" -type d -empty -delete
}

install_program() {
  git -C "$root" ls-files -z edge | tar -C "$root" --null -T - -c | tar -C "$libraries" -x
  install -m 0755 "$here/edge" "$tree/usr/bin/edge"
  install -m 0644 "$here/edge.yaml" "$tree/usr/share/edge/edge.yaml"
  install -m 0755 "$root"/systemd/tls/edge-tls-{ask,certificate,restart} "$libraries/"
  install -m 0644 "$root/systemd/tls/edge-tls.cfg" "$libraries/"
  install -m 0644 "$root"/systemd/*.{service,socket} "$tree/usr/lib/systemd/system/"
  install -m 0644 "$root/systemd/sysusers.d/edge.conf" "$tree/usr/lib/sysusers.d/"
  install -m 0644 "$root/systemd/tmpfiles.d/edge.conf" "$tree/usr/lib/tmpfiles.d/"
  install -m 0644 "$root/systemd/udev/60-edge.rules" "$tree/usr/lib/udev/rules.d/"
}

install_documents() {
  install -m 0644 "$root"/docs/{CONFIG,operations,api,webhooks,mqtt,google-sheets}.md "$documents/"
  install -m 0644 "$root"/config/{edge.yaml,edge.schema.json} "$documents/examples/"
  sed -e "/@LICENSE@/{r $root/LICENSE" -e 'd}' "$here/copyright" |
    sed -e '/^License: Expat$/,$ {/^License:/!{s/^$/./; s/^/ /}}' >"$documents/copyright"
  printf 'edge (%s) trixie; urgency=medium\n\n  * Built from one commit; what changed stands in CHANGELOG.md.\n\n -- %s  %s\n' \
    "$version" "$(sed -n 's/^Maintainer: //p' "$here/control")" "$(date -uRd "@$SOURCE_DATE_EPOCH")" |
    gzip -9n >"$documents/changelog.gz"
  install -m 0644 "$root/CHANGELOG.md" "$documents/"
  "$python" -I "$here/manual_page.py" "$root" "$version" | gzip -9n >"$tree/usr/share/man/man1/edge.1.gz"
  install -m 0644 "$here/lintian-overrides" "$tree/usr/share/lintian/overrides/edge"
}

describe() { # permissions, times, checksums, control
  find "$tree" -type d -exec chmod 0755 {} +
  find "$tree" -type f -exec chmod 0644 {} +
  chmod 0755 "$tree/usr/bin/edge" "$libraries"/edge-tls-{ask,certificate,restart}
  (cd "$tree" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) >"$tree/DEBIAN/md5sums"
  local size
  size=$(find "$tree/usr" -type f -printf '%s\n' | awk '{kb += int(($1 + 1023) / 1024)} END {print kb}')
  sed -e "s/@VERSION@/$version/; s/@ARCH@/$arch/; s/@SIZE@/$size/" "$here/control" >"$tree/DEBIAN/control"
  install -m 0755 "$here"/{postinst,prerm,postrm} "$tree/DEBIAN/"
  find "$tree" -exec touch -hd "@$SOURCE_DATE_EPOCH" {} +
}

unpack_wheels
leave_out_what_does_not_run
install_program
install_documents
describe
mkdir -p "$out"
dpkg-deb --root-owner-group --threads-max=1 "${packing[@]}" --build "$tree" "$out/edge_${version}_$arch.deb" >/dev/null
echo "$out/edge_${version}_$arch.deb: $(du -h --apparent-size "$out/edge_${version}_$arch.deb" | cut -f1)"
