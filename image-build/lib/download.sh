#!/bin/bash
# download.sh FOLDER PACKAGE... : packages of the target as files, checked by apt, for unpacking here.
# Runs as a hook of mmdebstrap, so that the archive and its keys are those of the root. A package that only
# stands for another (linux-image-arm64) is followed to the one with the files.
set -euo pipefail
folder=$1
shift
export APT_CONFIG=$MMDEBSTRAP_APT_CONFIG

real_package() {
  case "$1" in
    linux-image-*) apt-cache depends --no-recommends --no-suggests "$1" | sed -n 's/^ *Depends: \(linux-image-[^:]*\).*/\1/p' | head -n 1 ;;
    *) printf '%s' "$1" ;;
  esac
}

cd "$folder"
for package in "$@"; do
  apt-get -o APT::Sandbox::User=root download "$(real_package "$package")"
done
