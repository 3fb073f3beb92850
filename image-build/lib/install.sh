#!/bin/bash
# install.sh ROOT : installs the packages that lie in ROOT, unpacked. Runs as a hook of mmdebstrap.
# The machine's own dpkg unpacks and keeps the books; only the packages' scripts run in ROOT, under emulation.
# (A dpkg of the target's, as mmdebstrap itself would start it, takes three times as long.)
set -euo pipefail
root=$1

# What packages' scripts would start and what takes minutes under emulation: the compilers of Python's library and of
# udev's table of devices. They find empty programs; lib/system.sh does both natively.
slow=("usr/lib/python3.13/py_compile.py" "usr/bin/py3compile" "usr/bin/systemd-hwdb")
for program in "${slow[@]}"; do
  mv "$root/$program" "$root/$program.real"
  install -m 755 /dev/null "$root/$program"
done
# And no script starts a service.
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"

# This machine's own rules for dpkg must not count (containers leave documents out), those of the root must.
mount -t tmpfs none /etc/dpkg/dpkg.cfg.d
mapfile -t options < <(sed 's/^/--/' "$root"/etc/dpkg/dpkg.cfg.d/*mmdebstrap)
dpkg_here() {
  DEBIAN_FRONTEND=noninteractive dpkg --root="$root" --log="$root/var/log/dpkg.log" \
    "${options[@]}" "${slow[@]/#/--path-exclude=/}" --force-architecture --force-depends "$@"
}

# Unpacking has no order: all files are there already. Setting up follows the dependencies.
dpkg_here --unpack "$root"/var/cache/apt/archives/*.deb
dpkg_here --configure --pending
umount /etc/dpkg/dpkg.cfg.d
rm "$root/usr/sbin/policy-rc.d"
for program in "${slow[@]}"; do
  mv "$root/$program.real" "$root/$program"
done
