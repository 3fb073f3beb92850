# Slots on a Raspberry Pi: the firmware starts them. Sourced by edge-slot and edge-slot-start after slot-state.sh;
# plain POSIX shell.
#
# A slot is two partitions, boot_X (firmware, kernel, initramfs) and system_X. autoboot.txt on the first partition names
# the boot partition to start from, and, after `reboot "0 tryboot"`, the one to try: once, since the firmware forgets that
# flag before it starts anything.
# (raspberrypi.com/documentation/computers/config_txt.html, "autoboot.txt" and "Example update flow for A/B booting".)
# So the state beside it is the truth here too: it counts the starts of a trial, and autoboot.txt is made to agree with it.
# shellcheck shell=sh

SLOT_LINKS=${SLOT_LINKS:-/dev/disk/by-slot} # active/ and other/, boot and system: links of rpi-image-gen's slot mapper
SLOT_SYS=${SLOT_SYS:-/sys}

# board_part SLOT boot|system: the name of that partition's device, mmcblk0p3. Only of the card that was started from:
# another one in a USB reader has the same names.
board_part() {
  _want=$2_$1
  for _link in "$SLOT_LINKS/active/$2" "$SLOT_LINKS/other/$2"; do
    _name=$(basename "$(readlink -f "$_link")")
    grep -qsx "PARTNAME=$_want" "$SLOT_SYS/class/block/$_name/uevent" && { echo "$_name"; return 0; }
  done
  echo "no partition $_want on this card" >&2
  return 1
}

# board_running: the slot that was started, by the name of the partition that holds the root.
board_running() {
  _name=$(basename "$(readlink -f "$SLOT_LINKS/active/system")")
  _slot=$(sed -n 's/^PARTNAME=system_\([ab]\)$/\1/p' "$SLOT_SYS/class/block/$_name/uevent") && [ -n "$_slot" ] && echo "$_slot"
}

# board_number SLOT: the number of its boot partition, as the firmware counts.
board_number() {
  _part=$(board_part "$1" boot) && sed -n 's/^PARTN=//p' "$SLOT_SYS/class/block/$_part/uevent"
}

# board_device SLOT: one device for both partitions of the slot, system before boot: an update is one image, written and
# read back as one. edge-slot-start has made it already, for programs that may not.
board_device() {
  if [ ! -b "/dev/mapper/edge-slot-$1" ]; then
    _table=$(board_table "$1") || return 1
    printf '%s\n' "$_table" | dmsetup create "edge-slot-$1" >&2 || return 1
  fi
  echo "/dev/mapper/edge-slot-$1"
}

# board_table SLOT: the device mapper's table for it: start and length in sectors of 512 bytes, target, device, offset.
board_table() {
  _start=0
  for _kind in system boot; do
    _part=$(board_part "$1" "$_kind") || return 1
    _size=$(cat "$SLOT_SYS/class/block/$_part/size")
    echo "$_start $_size linear /dev/$_part 0"
    _start=$((_start + _size))
  done
}

# board_can_start SLOT: a boot partition without a file system would leave the firmware with nothing to start.
board_can_start() {
  for _kind in boot system; do
    _link=$SLOT_LINKS/other/$_kind
    case "$_kind $(blkid -p -o value -s TYPE "$_link" 2>/dev/null)" in
    boot\ vfat | system\ ext4 | system\ erofs | system\ squashfs) ;;
    *) echo "partition ${_kind}_$1 has no file system that can be started" >&2; return 1 ;;
    esac
  done
}

# board_keep SLOT: autoboot.txt names SLOT's boot partition. Sets BOARD_WROTE: yes where it did not do so before.
board_keep() {
  BOARD_WROTE=no
  _good=$(board_number "$1") && _other=$(board_number "$([ "$1" = a ] && echo b || echo a)") || return 1
  _text="[all]
tryboot_a_b=1
boot_partition=$_good
[tryboot]
boot_partition=$_other"
  _file=$SLOT_FOLDER/autoboot.txt
  [ "$(cat "$_file" 2>/dev/null)" != "$_text" ] || return 0
  _length=0
  [ ! -f "$_file" ] || _length=$(wc -c <"$_file")
  board_overwrite "$_file" "$_text" "$_length" || return 1
  BOARD_WROTE=yes
}

# board_overwrite FILE TEXT LENGTH: in place, with as many bytes as it has, so that one sector changes and neither FAT
# nor folder does. Only a file that the firmware could not have read (missing, too short, over 512 bytes) is made anew.
board_overwrite() {
  if [ "$3" -gt "${#2}" ] && [ "$3" -le 512 ]; then
    printf '%s%*s' "$2" "$(($3 - ${#2}))" '' | tr ' ' '\n' | dd of="$1" bs=512 count=1 conv=notrunc,fsync 2>/dev/null
  else
    printf '%s\n' "$2" | dd of="$1" bs=512 count=1 conv=fsync 2>/dev/null
  fi
}

# board_default RUNNING: the slot that autoboot.txt names; where it names none, the one that is running.
board_default() {
  _number=$(sed -n '/^\[all\]/,/^\[tryboot\]/s/^boot_partition=\([0-9]*\)$/\1/p' "$SLOT_FOLDER/autoboot.txt" 2>/dev/null) || _number=
  for _slot in a b; do
    [ "$_number" != "$(board_number $_slot)" ] || { echo $_slot; return 0; }
  done
  echo "$1"
}

# board_start RUNNING: at each start, before anything of the slot does its work. Sets BOARD_NEXT: stay, tryboot or restart.
# shellcheck disable=SC2034 # edge-slot-start reads it
board_start() {
  BOARD_NEXT=stay
  if ! slot_read; then
    slot_write "$(board_default "$1")" - 0
    echo "edge: no valid slot state, slot $SLOT_GOOD counts as good"
  fi
  if [ "$1" = "$SLOT_TRIAL" ]; then
    echo "edge: slot $1 is on trial, $SLOT_LEFT more starts"
    board_keep "$SLOT_GOOD"
  elif [ "$1" != "$SLOT_GOOD" ]; then
    # Committed, and the power failed before the firmware was told; or the firmware could not start the good one.
    board_keep "$SLOT_GOOD"
    if [ "$BOARD_WROTE" = yes ]; then
      BOARD_NEXT=restart
    else
      echo "edge: slot $SLOT_GOOD could not be started, slot $1 is running"
    fi
  else
    board_keep "$SLOT_GOOD"
    board_next_try
  fi
}

# board_next_try: the good slot is running. A start of the one on trial is counted before it happens.
# shellcheck disable=SC2034 # the same
board_next_try() {
  [ "$SLOT_TRIAL" != - ] || return 0
  if [ "$SLOT_LEFT" -gt 0 ] && board_can_start "$SLOT_TRIAL"; then
    slot_write "$SLOT_GOOD" "$SLOT_TRIAL" $((SLOT_LEFT - 1))
    BOARD_NEXT=tryboot
    echo "edge: trying slot $SLOT_TRIAL, $SLOT_LEFT more starts"
  else
    echo "edge: slot $SLOT_TRIAL was not found good in time, slot $SLOT_GOOD stays"
    slot_write "$SLOT_GOOD" - 0
  fi
}
