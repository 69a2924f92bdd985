#!/usr/bin/env bash
# Makes .cache/debian/services.tar, the file system of a small Debian with systemd, dbus, supervisor and init scripts, for live
# tests of services and JVMs. Takes about two minutes (more on a busy machine) and is made once. Needs root and debootstrap.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

folder=$PWD/.cache/debian
archive=$folder/services.tar
[ -s "$archive" ] && exit 0
command -v debootstrap >/dev/null || { echo 'make-debian-archive: debootstrap is missing.' >&2; exit 1; }
suite=bookworm
# The mirror that this machine's own packages come from.
# shellcheck disable=SC2016 # apt fills these in.
mirror=${COUNTERSIGN_DEBIAN_MIRROR:-$(apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' | awk -v suite="$suite" '$1 == suite { print $2; exit }')}
[ -n "$mirror" ] || { echo "make-debian-archive: apt knows no mirror of $suite; name one in COUNTERSIGN_DEBIAN_MIRROR." >&2; exit 1; }
mkdir -p "$folder"
root=$(mktemp -d "$folder/root.XXXXXX")
trap 'rm -rf --one-file-system -- "$root" "$archive.part"' EXIT
echo "making $archive from $mirror (about two minutes)"
started=$SECONDS
debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,supervisor,procps "$suite" "$root" "$mirror" >"$folder/debootstrap.log" 2>&1 || {
  tail -n 5 "$folder/debootstrap.log" >&2
  echo "make-debian-archive: debootstrap failed; COUNTERSIGN_DEBIAN_MIRROR names another mirror." >&2
  exit 1
}
# Every container is a machine of its own, and gets its id when it first starts.
: >"$root/etc/machine-id"
rm -rf -- "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
tar -C "$root" -cf "$archive.part" .
mv -- "$archive.part" "$archive"
echo "made it in $((SECONDS - started)) s: $(du -h "$archive" | cut -f1)"
