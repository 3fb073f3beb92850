# pip's words for a device: what runs there, whatever Python runs here. Sourced by lib/wheels.sh and deb/build.sh.
# shellcheck shell=bash

# wheel_options MACHINE : x86_64 or aarch64; one word a line
wheel_options() {
  local glibc
  printf '%s\n' --implementation cp --python-version 3.13 --abi cp313 --abi abi3 --abi none
  for glibc in 28 27 26 24 17; do printf -- '--platform\nmanylinux_2_%s_%s\n' "$glibc" "$1"; done
  printf -- '--platform\n%s\n' "manylinux2014_$1" any
}
