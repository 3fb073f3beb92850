#!/bin/bash
# list-packages.sh ROOT FILE : what is installed in ROOT, one package a line: name, version, architecture, source
# package, SHA-256 of its file as the signed index of the archive gives it. Runs as a hook of mmdebstrap.
set -euo pipefail
export APT_CONFIG=$MMDEBSTRAP_APT_CONFIG

dpkg-query --admindir="$1/var/lib/dpkg" -W -f '${Package}\t${Version}\t${Architecture}\t${source:Package}\n' |
  sort >"$2.installed"
cut -f 1-3 "$2.installed" | sed 's/\(.*\)\t\(.*\)\t\(.*\)/\1=\2/' | xargs apt-cache show --no-all-versions |
  awk -v RS= -v FS='\n' '{
    name = version = sum = ""
    for (i = 1; i <= NF; i++) {
      if ($i ~ /^Package: /) name = substr($i, 10)
      if ($i ~ /^Version: /) version = substr($i, 10)
      if ($i ~ /^SHA256: /) sum = substr($i, 9)
    }
    print name "\t" version "\t" sum
  }' >"$2.sums"
awk -F '\t' -v OFS='\t' 'NR == FNR { sum[$1 FS $2] = $3; next } { print $1, $2, $3, $4, sum[$1 FS $2] }' \
  "$2.sums" "$2.installed" >"$2"
rm "$2.installed" "$2.sums"
