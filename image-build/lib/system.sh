# A slot's root: Debian, the kernel's modules, edge, the overlay. Everything here runs natively. Sourced by build.sh.
# shellcheck shell=bash

# Sets ROOT (also /made/root for the tools).
make_system() {
  ROOT=$WORK/made/root
  mkdir -p "$ROOT"
  say "system: unpack"
  tar -C "$ROOT" --exclude='./dev/*' -xf "$ROOT_KEPT/root.tar"
  add_kernel
  add_certificates
  say "system: edge"
  install_package
  say "system: overlay"
  add_overlay
  say "system: byte code"
  compile_byte_code
  leave_no_trace
}

unpack_package() {
  mkdir -p "$2"
  dpkg-deb -x "$(ls "$ROOT_KEPT/debs/$1"_*.deb)" "$2"
}

# Modules into the root; the kernel itself beside the image, for who boots it.
add_kernel() {
  local unpacked=$WORK/kernel
  mkdir -p "$unpacked" "$ROOT/usr/lib/modules"
  dpkg-deb -x "$(ls "$ROOT_KEPT"/debs/linux-image-*.deb)" "$unpacked"
  local modules
  modules=$(find "$unpacked" -type d -path '*lib/modules/*' -prune -print)
  KERNEL_VERSION=$(basename "$modules")
  cp -R "$modules" "$ROOT/usr/lib/modules/"
  cp "$unpacked/boot/vmlinuz-$KERNEL_VERSION" "$WORK/made/vmlinuz"
  with_tools depmod -b /made/root "$KERNEL_VERSION"
}

# Done by hand what update-ca-certificates would do under emulation: one file of all, and links by hash.
add_certificates() {
  local unpacked=$WORK/certificates at=$ROOT/etc/ssl/certs file
  unpack_package ca-certificates "$unpacked"
  mkdir -p "$at" "$ROOT/usr/share/ca-certificates"
  cp -R "$unpacked/usr/share/ca-certificates/." "$ROOT/usr/share/ca-certificates/"
  for file in "$unpacked"/usr/share/ca-certificates/mozilla/*.crt; do
    cat "$file" >>"$at/ca-certificates.crt"
    ln -s "/usr/share/ca-certificates/mozilla/$(basename "$file")" "$at/$(basename "$file" .crt).pem"
  done
  # The links point into the root: seen from there.
  mkdir -p "$TOOLS/usr/share/ca-certificates"
  mount --bind "$ROOT/usr/share/ca-certificates" "$TOOLS/usr/share/ca-certificates"
  with_tools openssl rehash /made/root/etc/ssl/certs
  umount "$TOOLS/usr/share/ca-certificates"
}

# What only the image needs. `overlay` is of all targets, `targets/NAME.overlay` of one.
add_overlay() {
  local tree
  for tree in "$BUILD/overlay" "$BUILD/targets/$TARGET.overlay"; do
    [ -d "$tree" ] || continue
    tar -C "$tree" --owner=0 --group=0 --mode=u=rwX,go=rX --mtime="@$SOURCE_DATE_EPOCH" -cf - . | tar -C "$ROOT" -xf -
  done
  install -Dm 644 "$BUILD/slots/slot-state.sh" "$ROOT/usr/lib/edge-appliance/slot-state.sh"
  python3 "$BUILD/bundle.py" public-key >"$ROOT/usr/lib/edge-appliance/update-key.pem"
  sed -i -e '/^IMAGE_/d' "$ROOT/usr/lib/os-release"
  printf 'IMAGE_ID=edge-%s\nIMAGE_VERSION=%s+%s\nEDGE_BUILD_EPOCH=%s\n' "$TARGET" "$VERSION" "$COMMIT" \
    "$SOURCE_DATE_EPOCH" >>"$ROOT/usr/lib/os-release"
  mkdir -p "$ROOT"/{data,boot/firmware,etc/edge,var/lib/edge,var/lib/systemd}
  add_first_settings
  set_up_network
  : >"$ROOT/etc/machine-id"
  : >"$ROOT/etc/.updated" # users, libraries and catalogues are as they should be: nothing to do at the first start
  : >"$ROOT/var/.updated"
  : >"$ROOT/usr/lib/clock-epoch" # the clock of a device without one starts no earlier
  ln -sfn /etc/machine-id "$ROOT/var/lib/dbus/machine-id"
  with_tools systemd-hwdb update --usr --root=/made/root
  with_tools systemd-sysusers --root=/made/root
  # shellcheck disable=SC2046 # lists of words
  with_tools systemctl --root=/made/root --quiet enable $(words_of "$BUILD/units/enabled.list")
  # shellcheck disable=SC2046
  with_tools systemctl --root=/made/root --quiet mask $(words_of "$BUILD/units/masked.list")
}

# What a device runs with until somebody configures it: the package's first settings, with the demo street as camera.
add_first_settings() {
  { sed '/^channels:/d' "$BUILD/deb/edge.yaml" && cat "$REPOSITORY/edge/cli/demo.yaml"; } >"$ROOT/usr/share/edge/edge.yaml"
}

# Names come from the network by NetworkManager, from neighbours by avahi. The device's own name is on the data partition;
# edge-firstboot sets it. The supplicant is started where there is Wi-Fi, by D-Bus.
set_up_network() {
  chmod 600 "$ROOT"/usr/lib/NetworkManager/system-connections/*
  ln -sfn ../run/NetworkManager/resolv.conf "$ROOT/etc/resolv.conf"
  ln -sfn ../data/hostname "$ROOT/etc/hostname"
  printf 'DEFAULT_HOSTNAME=edge\n' >>"$ROOT/usr/lib/os-release"
  sed -i 's/^hosts:.*/hosts:          files mdns4_minimal [NOTFOUND=return] myhostname dns/' "$ROOT/etc/nsswitch.conf"
  rm "$ROOT/etc/systemd/system/multi-user.target.wants/wpa_supplicant.service"
}

# pyc files carry no architecture: the tools' Python of the same minor version writes them. They are not compared
# with their sources at each import, since neither can change in a read-only root.
compile_byte_code() {
  local site=/usr/lib/edge standard=/usr/lib/python$PYTHON_VERSION folder
  find "$ROOT$site" "$ROOT$standard" -name __pycache__ -prune -exec rm -rf {} +
  for folder in "$site" "$standard"; do
    with_tools "python$PYTHON_VERSION" -m compileall -qq -j 1 --invalidation-mode unchecked-hash \
      -s /made/root -p / "/made/root$folder" || true # a few files of the standard library are examples of bad syntax
  done
  [ -n "$(find "$ROOT$site" -path '*/edge/app/__pycache__/run.*.pyc')" ] || die "no byte code was made"
}

# Nothing of this machine, this build, or this day.
leave_no_trace() {
  rm -rf "$ROOT"/var/log/* "$ROOT"/var/cache/* "$ROOT"/var/lib/apt "$ROOT"/var/lib/dpkg/*-old "$ROOT"/etc/*- \
    "$ROOT"/etc/apt "$ROOT"/etc/ssh/ssh_host_* "$ROOT"/root/.[a-z]* "$ROOT"/var/lib/systemd/random-seed
  install -d -m 700 "$ROOT/var/cache/private" # systemd-tmpfiles would make it
  rm -rf "$ROOT"/tmp/* "$ROOT"/var/tmp/* "$ROOT"/run/*
  find "$ROOT" -newermt "@$SOURCE_DATE_EPOCH" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
}
