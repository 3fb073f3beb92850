# What is kept between builds, and the two roots: what a slot is made from, and the tools it is made with.
# shellcheck shell=bash disable=SC2016 # hooks of mmdebstrap are shell text

# keep NAME RECIPE MAKER : sets KEPT, a folder of the cache that MAKER FOLDER has filled, now or at an earlier build.
# RECIPE is all that decides what is in it. A build that breaks off leaves nothing that looks complete.
keep() {
  KEPT=$EDGE_CACHE/$1-$(printf '%s' "$2" | sha256sum | cut -c1-16)
  if [ -d "$KEPT" ]; then
    say "$1: cached in $KEPT"
    return
  fi
  say "$1: made anew"
  rm -rf "$KEPT.new"
  mkdir -p "$KEPT.new"
  "$3" "$KEPT.new"
  mv "$KEPT.new" "$KEPT"
}

# Sets TOOLS_KEPT (tools.tar) and ROOT_KEPT (root.tar, packages.tsv, debs/). They depend on the recipe and on what the
# archive offered on that day.
make_roots() {
  local machine
  machine=$(dpkg --print-architecture)
  keep "tools-$machine" "$SUITE $(cat "$BUILD/packages/tools.list" "$BUILD/lib/roots.sh")" make_tools_root
  TOOLS_KEPT=$KEPT
  keep "root-$ARCHITECTURE" "$SUITE $KERNEL_PACKAGE $(
    cat "$BUILD"/packages/{root,unpacked}.list "$BUILD"/lib/{roots,install,download,list-packages}.sh
  )" make_target_root
  ROOT_KEPT=$KEPT
}

# words_of FILE... : without comments, on one line
words_of() {
  sed 's/#.*//' "$@" | tr -s ' \n' ' '
}

# bootstrap FOLDER NAME OPTION... : NAME.tar from the archive, with the log beside it. Packages are only unpacked: what
# else is to be done to them, hooks do.
bootstrap() {
  local folder=$1 name=$2
  shift 2
  archive_lines | SOURCE_DATE_EPOCH=$ROOT_EPOCH mmdebstrap --mode=root --variant=extract \
    --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Languages "none"' \
    --aptopt='Acquire::Check-Valid-Until "false"' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/info/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    "$@" "$SUITE" "$folder/$name.tar" - >"$folder/$name.log" 2>&1 ||
    die "the root '$name' could not be made, see $folder/$name.log: $(grep -m 1 '^E:' "$folder/$name.log")"
}

make_tools_root() {
  bootstrap "$1" tools --include="$(words_of "$BUILD/packages/tools.list")"
}

make_target_root() {
  local unpacked
  unpacked="$(words_of "$BUILD/packages/unpacked.list") $KERNEL_PACKAGE"
  allow_foreign_programs
  mkdir "$1/debs"
  bootstrap "$1" root --architectures="$ARCHITECTURE" --include="$(words_of "$BUILD/packages/root.list")" \
    --setup-hook='mkdir -p "$1/usr/bin"; ln -s dash "$1/usr/bin/sh"' \
    --extract-hook="'$BUILD/lib/install.sh' \"\$1\"" \
    --extract-hook="'$BUILD/lib/download.sh' '$1/debs' $unpacked" \
    --extract-hook="'$BUILD/lib/list-packages.sh' \"\$1\" '$1/packages.tsv'"
}
