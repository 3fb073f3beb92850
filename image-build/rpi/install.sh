#!/bin/bash
# install.sh ROOT : puts the appliance into a root that rpi-image-gen is making. Runs as a customize hook of mmdebstrap,
# after all packages are installed; programs of ROOT run in ROOT. What it does is what lib/system.sh does for the
# virtual machine's image, as far as image-rota leaves it to do.
set -euo pipefail
root=$1
source=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

words_of() {
  sed 's/#.*//' "$@" | tr -s ' \n' ' '
}

install_edge() {
  # The user first, with the number that is the same in every slot.
  chroot "$root" systemd-sysusers edge-appliance.conf
  cp "$source"/package/edge_*_arm64.deb "$root/tmp/edge.deb"
  chroot "$root" dpkg --install /tmp/edge.deb
  rm "$root/tmp/edge.deb" "$root/etc/edge/edge.yaml" # that folder is the data partition's
  cp "$source/first-settings.yaml" "$root/usr/share/edge/edge.yaml"
}

set_up_network() {
  chmod 600 "$root"/usr/lib/NetworkManager/system-connections/* 2>/dev/null || true
  ln -sfn ../run/NetworkManager/resolv.conf "$root/etc/resolv.conf"
  rm -f "$root/etc/hostname" "$root/etc/systemd/system/multi-user.target.wants/wpa_supplicant.service"
  ln -sfn ../data/hostname "$root/etc/hostname"
  sed -i 's/^hosts:.*/hosts:          files mdns4_minimal [NOTFOUND=return] myhostname dns/' "$root/etc/nsswitch.conf"
}

set_up_units() {
  # shellcheck disable=SC2046 # lists of words
  chroot "$root" systemctl --quiet enable $(words_of "$source/units/enabled.list")
  # shellcheck disable=SC2046
  chroot "$root" systemctl --quiet mask $(words_of "$source/units/masked.list")
}

# The firmware watches the kernel from before it starts until systemd takes over; a panic starts the board anew.
set_up_firmware() {
  local config=$root/boot/firmware/config.txt
  printf '\n[all]\ncamera_auto_detect=1\nkernel_watchdog_timeout=60\n' >>"$config"
  # rpi-image-gen before the layers' cmdline.d takes this file as it stands.
  sed -i '/panic=5/!s/$/ panic=5/' "$root/boot/firmware/cmdline.txt"
}

cp -R --no-dereference --preserve=mode,timestamps "$source/overlay/." "$root/"
cat "$source/os-release" >>"$root/usr/lib/os-release"
mkdir -p "$root"/{bootfs,data,persistent,etc/edge,var/lib/edge,var/lib/systemd,usr/share/edge-appliance}
cp "$source"/bootconfig/* "$root/bootfs/"
install_edge
set_up_network
set_up_units
set_up_firmware
ln -sfn /etc/machine-id "$root/var/lib/dbus/machine-id"
# Last: image-rota empties /var of the slot.
rm -rf "$root"/var/log/* "$root"/var/tmp/*
cp -a "$root/var" "$root/usr/share/edge-appliance/var"
