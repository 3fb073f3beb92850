# A user namespace of the build's own: the target's programs run in it under emulation, and file systems are bound
# into one another, without a trace on the machine. Whatever ends the build ends all of it. Sourced by build.sh.
# shellcheck shell=bash

# Runs the rest of the build (build.sh anew) in the namespace, with every user id as outside.
enter_namespace() {
  [ "$(id -u)" = 0 ] || die "run it as root: files of the image belong to several users"
  gate=$(mktemp -u "${TMPDIR:-/tmp}/edge-image.XXXXXX")
  mkfifo "$gate"
  EDGE_INSIDE=yes unshare --user --mount --propagation private --pid --fork \
    bash -c 'read -r _ <"$0"; rm "$0"; mount -t proc proc /proc; "$@"' "$gate" "$@" &
  inside=$!
  trap 'leave_namespace' EXIT
  until [ "$(readlink "/proc/$inside/ns/user")" != "$(readlink /proc/self/ns/user)" ]; do
    kill -0 "$inside" 2>/dev/null || die "this machine allows no user namespaces (a container may need --privileged)"
    sleep 0.05
  done
  echo "0 0 4294967295" >"/proc/$inside/uid_map"
  echo "0 0 4294967295" >"/proc/$inside/gid_map"
  echo open >"$gate"
  wait "$inside"
}

# The first process of a namespace takes all others with it. The folder goes from out here, where nothing is bound.
leave_namespace() {
  local first
  first=$(cat "/proc/$inside/task/$inside/children" 2>/dev/null || true)
  [ -z "$first" ] || kill -KILL $first || true
  rm -rf --one-file-system "$gate" "$WORK"
}

# Makes the kernel run programs of the target: as the machine does it already, else by a register of the namespace's own.
allow_foreign_programs() {
  [ "$(dpkg --print-architecture)" = "$ARCHITECTURE" ] && return
  arch-test "$ARCHITECTURE" >/dev/null 2>&1 && return
  local rule=/usr/lib/binfmt.d/qemu-aarch64.conf
  [ -f "$rule" ] || die "no emulation of $ARCHITECTURE here: apt-get install qemu-user-static"
  mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc 2>/dev/null ||
    die "this kernel has no private binfmt_misc (Linux 6.7): register $rule on the machine (systemd-binfmt)"
  cat "$rule" >/proc/sys/fs/binfmt_misc/register
  arch-test "$ARCHITECTURE" >/dev/null || die "programs of $ARCHITECTURE do not run, though $rule is registered"
}
