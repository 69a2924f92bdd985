#!/usr/bin/env bash
# Fetches the upstream tarball of a Debian source package into .cache/debian-source/NAME, checked by apt against Debian's
# signature. The machine's own apt settings and lists stay as they are.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

name=${1:?give the name of a source package}
folder=$PWD/.cache/debian-source/$name
suite=bookworm
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

fail() {
  echo "cannot fetch the source of $name: $1" >&2
  exit 1
}

if compgen -G "$folder/*.orig.tar.*" >/dev/null; then
  exit 0
fi
command -v apt-get >/dev/null || fail 'there is no apt-get; put the .orig.tar.xz of the package into .cache/debian-source by hand.'
# The mirror that this machine's own packages come from.
# shellcheck disable=SC2016 # apt fills these in.
mirror=${COUNTERSIGN_DEBIAN_MIRROR:-$(apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' | awk -v suite="$suite" '$1 == suite { print $2; exit }')}
[ -n "$mirror" ] || fail "apt knows no mirror of $suite; name one in COUNTERSIGN_DEBIAN_MIRROR."
[ -f "$keyring" ] || fail "there is no $keyring to check Debian's signature with."

work=$(mktemp -d /tmp/countersign-source.XXXXXX)
trap 'rm -rf --one-file-system -- "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/download"
echo "deb-src [signed-by=$keyring] $mirror $suite main" >"$work/sources.list"
options=(
  -o "Dir::Etc::sourcelist=$work/sources.list"
  -o Dir::Etc::sourceparts=/dev/null
  -o "Dir::State::lists=$work/lists"
  -o "Dir::Cache=$work/cache"
  -o APT::Sandbox::User=root
)
echo "fetching the source of $name from $mirror"
apt-get "${options[@]}" update -qq || fail "$mirror does not answer, or its signature is not valid."
(cd "$work/download" && apt-get "${options[@]}" source --download-only -qq "$name") || fail "$suite has no such source package."
compgen -G "$work/download/*.orig.tar.*" >/dev/null || fail 'the package has no upstream tarball.'
mkdir -p "$folder"
mv "$work"/download/*.orig.tar.* "$folder/"
