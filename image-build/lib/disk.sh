# From folders to one file that is written to a card: file systems and partition table on plain files, without loop
# devices or mounts. Sourced by build.sh.
# shellcheck shell=bash

SYSTEM_MIB=1024 # one slot; twice what the first version needs
DATA_MIB=96     # grown to the whole card at the first start
DISK_ID=6c8a5f0e-2f8e-4f0c-9d6d-0f5e6d9a7e01

make_disk() {
  say "disk: system"
  make_ext4 system "$SYSTEM_MIB" -O ^has_journal -m 0
  say "disk: data and boot"
  mkdir -p "$WORK/made/data"
  make_ext4 data "$DATA_MIB" -m 1 -J size=16 -i 16384
  make_bootfs
  say "disk: partitions"
  join_partitions
}

# make_ext4 NAME MIB OPTION... : /made/NAME.ext4 with what stands in /made/NAME (of the slot: /made/root). It is made
# from an archive: there, order, owners and times are what we say.
make_ext4() {
  local name=$1 mib=$2 from=$1
  shift 2
  [ "$name" = system ] && from=root
  # GNU's format: names are bytes there, not text of a locale (certificates have Hungarian ones).
  tar -C "$WORK/made/$from" --sort=name --numeric-owner --format=gnu -cf "$WORK/made/$name.tar" .
  with_tools mke2fs -q -t ext4 -b 4096 -L "$name" -U "$(id_of "$name")" \
    -E "hash_seed=$(id_of "$name"),lazy_itable_init=0,root_owner=0:0" "$@" \
    -d "/made/$name.tar" "/made/$name.ext4" "${mib}M"
  rm "$WORK/made/$name.tar"
  with_tools e2fsck -fn "/made/$name.ext4" >"$WORK/e2fsck.log" 2>&1 || die "$name.ext4 is not clean: $(cat "$WORK/e2fsck.log")"
}

# A fixed id for each part: the card's partitions are found by name, and two builds must not differ.
id_of() {
  printf 'edge %s' "$1" | sha256sum | sed 's/^\(.\{8\}\)\(.\{4\}\).\(.\{3\}\).\(.\{3\}\)\(.\{12\}\).*/\1-\2-4\3-8\4-\5/'
}

# The partition that people see: settings to edit, and the slots' state.
make_bootfs() {
  local folder=$WORK/made/bootfs image=/made/bootfs.vfat
  mkdir -p "$folder"
  # shellcheck source=/dev/null
  . "$BUILD/slots/slot-state.sh"
  slot_sector 0 a - 0 >"$folder/slots.0"
  slot_sector 1 a - 0 >"$folder/slots.1"
  find "$folder" -exec touch --date="@$SOURCE_DATE_EPOCH" {} +
  with_tools mkfs.vfat --invariant -i ED6E0001 -n BOOTFS -C "$image" $((BOOT_MIB * 1024)) >/dev/null
  with_tools bash -euc "cd /made/bootfs && mcopy -s -m -i $image * ::"
}

join_partitions() {
  local image=$WORK/made/disk.img at=1
  local all=$((1 + BOOT_MIB + 2 * SYSTEM_MIB + DATA_MIB + 1))
  truncate -s "${all}M" "$image"
  with_tools sfdisk --quiet /made/disk.img <<TABLE
label: gpt
label-id: $DISK_ID
start=1MiB, size=${BOOT_MIB}MiB, type=EBD0A0A2-B9E5-4433-87C0-68B6B72699C7, uuid=$(id_of part-bootfs), name=bootfs
size=${SYSTEM_MIB}MiB, type=B921B045-1DF0-41C3-AF44-4C6F280D3FAE, uuid=$(id_of part-a), name=system_a
size=${SYSTEM_MIB}MiB, type=B921B045-1DF0-41C3-AF44-4C6F280D3FAE, uuid=$(id_of part-b), name=system_b
size=${DATA_MIB}MiB, type=0FC63DAF-8483-4772-8E79-3D69D8477DE4, uuid=$(id_of part-data), name=data
TABLE
  place bootfs.vfat "$at"
  at=$((at + BOOT_MIB))
  place system.ext4 "$at"
  place system.ext4 $((at + SYSTEM_MIB))
  place data.ext4 $((at + 2 * SYSTEM_MIB))
}

# place FILE MIB: into the disk, at that place
place() {
  dd if="$WORK/made/$1" of="$WORK/made/disk.img" bs=1M seek="$2" conv=notrunc,sparse status=none
}
