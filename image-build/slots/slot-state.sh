# Which slot is good, and which is on trial with how many starts left. Sourced by the initramfs (busybox) and by
# `edge-slot` on the device; plain POSIX shell.
#
# The state stands twice on the boot partition, in slots.0 and slots.1, each one sector of 512 bytes:
#     edge-slots serial=12 good=a trial=b left=2
#     sha256=<of the line above, with its line feed>
# The valid copy with the higher serial counts. A change overwrites the other copy in place: neither the FAT nor the
# folder changes, and whatever a power cut leaves of the new copy, the old one is whole.
# shellcheck shell=sh

SLOT_FOLDER=${SLOT_FOLDER:-/boot/firmware}

# slot_read: sets SLOT_SERIAL SLOT_GOOD SLOT_TRIAL (a, b or -) SLOT_LEFT. Without a valid copy: slot a, status 1.
slot_read() {
  SLOT_SERIAL=-1 SLOT_GOOD=a SLOT_TRIAL=- SLOT_LEFT=0
  for _copy in "$SLOT_FOLDER/slots.0" "$SLOT_FOLDER/slots.1"; do
    [ -f "$_copy" ] && slot_take "$_copy"
  done
  [ "$SLOT_SERIAL" -ge 0 ]
}

# slot_take FILE: takes its state where it is whole and newer.
slot_take() {
  { read -r _line && read -r _sum; } <"$1" || return 0
  [ "$_sum" = "sha256=$(slot_sum "$_line")" ] || return 0
  # shellcheck disable=SC2086 # its words
  set -- $_line
  [ "$#" = 5 ] && [ "$1" = edge-slots ] || return 0
  [ "${2#serial=}" -gt "$SLOT_SERIAL" ] || return 0
  SLOT_SERIAL=${2#serial=} SLOT_GOOD=${3#good=} SLOT_TRIAL=${4#trial=} SLOT_LEFT=${5#left=}
}

slot_sum() {
  _sums=$(printf '%s\n' "$1" | sha256sum)
  printf '%s' "${_sums%% *}"
}

# slot_write GOOD TRIAL LEFT: over the older copy, and on the card when it returns.
slot_write() {
  SLOT_SERIAL=$((SLOT_SERIAL + 1)) SLOT_GOOD=$1 SLOT_TRIAL=$2 SLOT_LEFT=$3
  slot_sector "$SLOT_SERIAL" "$1" "$2" "$3" |
    dd of="$SLOT_FOLDER/slots.$((SLOT_SERIAL % 2))" bs=512 count=1 conv=notrunc,fsync 2>/dev/null
}

# slot_sector SERIAL GOOD TRIAL LEFT: the 512 bytes.
slot_sector() {
  _text="edge-slots serial=$1 good=$2 trial=$3 left=$4"
  printf '%-511s\n' "$_text
sha256=$(slot_sum "$_text")
"
}

# slot_choose: sets SLOT to the one to start now; a start of the slot on trial is counted before it happens. Where it
# cannot be counted it does not happen: a card that takes no more writes would try a bad slot for ever.
slot_choose() {
  slot_read || { slot_write a - 0; echo "edge: no valid slot state, starting from slot a"; }
  SLOT=$SLOT_GOOD
  [ "$SLOT_TRIAL" = - ] && return 0
  if [ "$SLOT_LEFT" -le 0 ]; then
    echo "edge: slot $SLOT_TRIAL was not found good in time, back to slot $SLOT_GOOD"
    slot_write "$SLOT_GOOD" - 0
  elif slot_write "$SLOT_GOOD" "$SLOT_TRIAL" $((SLOT_LEFT - 1)); then
    SLOT=$SLOT_TRIAL
    echo "edge: slot $SLOT is on trial, $SLOT_LEFT more starts"
  else
    echo "edge: the boot partition cannot be written, no trial of slot $SLOT_TRIAL"
  fi
}
