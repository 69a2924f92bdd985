#!/usr/bin/env bash
# Puts a release of Countersign on this machine, or takes it off: any Debian-like machine with systemd, as root.
# What is there already is left as it is, so that each of these may be run again.
#
#   setup.sh install RELEASE.tar.gz [--worker] [--dry-run]
#   setup.sh upgrade RELEASE.tar.gz [--worker] [--dry-run]
#   setup.sh remove  [--worker] [--delete-data] [--dry-run]
set -euo pipefail

usage() {
  sed -n '2,7s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
  exit 2
}

fail() {
  echo "setup.sh: $1" >&2
  exit 1
}

# Everything below this folder; another one than / is for trying it out.
root=${COUNTERSIGN_SETUP_ROOT:-}
home=$root/opt/countersign
etc=$root/etc/countersign
units=$root/etc/systemd/system
dry=
delete_data=
unit=countersign

[ $# -gt 0 ] || usage
action=$1
shift
release=
for argument in "$@"; do
  case $argument in
    --dry-run) dry=yes ;;
    --delete-data) delete_data=yes ;;
    --worker) unit=countersign-worker ;;
    -*) usage ;;
    *)
      [ -z "$release" ] || usage
      release=$argument
      ;;
  esac
done
state=$root/var/lib/$unit

run() {
  printf '+'
  printf ' %q' "$@"
  printf '\n'
  [ -n "$dry" ] || "$@"
}

require_root() {
  [ -n "$dry" ] || [ -n "$root" ] || [ "$(id -u)" = 0 ] || fail 'run it as root: sudo bash setup.sh ...'
}

# The release says its version by the one folder that it holds: countersign-1.2.3.
version_of() {
  [ -f "$release" ] || fail "there is no $release; make one with: npm run release"
  local folder
  folder=$(tar -tzf "$release" 2>/dev/null | sed -n '1s#/.*##p') || true
  case $folder in
    countersign-[0-9]*) echo "${folder#countersign-}" ;;
    *) fail "$release is no release of Countersign" ;;
  esac
}

unpack() {
  local version=$1
  if [ -e "$home/releases/$version/countersign.js" ]; then
    echo "$version is unpacked already"
    return
  fi
  run mkdir -p "$home/releases/$version.partial"
  run tar -xzf "$release" -C "$home/releases/$version.partial" --strip-components=1 --no-same-owner
  # Whole or not at all: what is interrupted before this line leaves no release.
  run mv -T "$home/releases/$version.partial" "$home/releases/$version"
}

switch_to() {
  run ln -sfn "releases/$1" "$home/next"
  run mv -T "$home/next" "$home/current"
}

current() {
  local link
  link=$(readlink "$home/current" 2>/dev/null) || return 0
  echo "${link#releases/}"
}

install_units() {
  local from=$home/releases/$1/systemd
  run install -D -m 0644 "$from/sysusers.conf" "$root/usr/lib/sysusers.d/countersign.conf"
  run systemd-sysusers "$root/usr/lib/sysusers.d/countersign.conf"
  run install -D -m 0644 "$from/$unit.service" "$units/$unit.service"
  run mkdir -p "$etc"
  run systemctl daemon-reload
}

# A server answers for itself; a worker has no port, so that running for a while is what can be seen.
is_up() {
  if [ "$unit" = countersign ]; then
    "$home/current/bin/node" -e 'fetch(process.argv[1]).then((a)=>process.exit(a.ok?0:1),()=>process.exit(1))' \
      "http://127.0.0.1:${COUNTERSIGN_PORT:-9325}/readyz"
  else
    systemctl is-active --quiet "$unit"
  fi
}

wait_until_up() {
  printf '+ wait until %s is up\n' "$unit"
  [ -z "$dry" ] || return 0
  for _ in $(seq "${COUNTERSIGN_SETUP_TRIES:-60}"); do
    if is_up; then return 0; fi
    sleep 1
  done
  return 1
}

start() {
  if [ "$unit" = countersign-worker ] && [ ! -e "$etc/worker.enrolment" ] && [ -z "$dry" ]; then
    echo "next: write $etc/worker.env, worker.yaml and worker.enrolment, then: systemctl enable --now $unit"
    return 0
  fi
  run systemctl enable "$unit"
  run systemctl restart "$unit"
  wait_until_up
}

do_install() {
  local version
  version=$(version_of)
  unpack "$version"
  install_units "$version"
  if [ "$(current)" = "$version" ] && [ -z "$dry" ] && systemctl is-active --quiet "$unit"; then
    echo "$unit $version runs already"
    return
  fi
  [ -n "$(current)" ] && [ "$(current)" != "$version" ] && fail "$(current) is installed; use: setup.sh upgrade $release"
  switch_to "$version"
  start || fail "$unit $version does not come up; look at: journalctl -u $unit -n 50"
  echo "$unit $version runs"
}

do_upgrade() {
  local version before
  version=$(version_of)
  before=$(current)
  [ -n "$before" ] || [ -n "$dry" ] || fail "nothing is installed; use: setup.sh install $release"
  if [ "$before" = "$version" ] && [ -z "$dry" ] && systemctl is-active --quiet "$unit"; then
    echo "$unit $version runs already"
    return
  fi
  unpack "$version"
  install_units "$version"
  switch_to "$version"
  if start; then
    echo "$unit $version runs; ${before:-nothing} ran before"
    return
  fi
  echo "$unit $version does not come up: $before is put back" >&2
  switch_to "$before"
  install_units "$before"
  start || fail "$before does not come up either; look at: journalctl -u $unit -n 50"
  fail "$unit $version did not come up and $before runs again; look at: journalctl -u $unit -n 50"
}

do_remove() {
  if [ -n "$dry" ] || [ -e "$units/$unit.service" ]; then
    run systemctl disable --now "$unit"
    run rm -f "$units/$unit.service"
    run systemctl daemon-reload
  fi
  local other
  for other in countersign countersign-worker; do
    [ "$other" != "$unit" ] && [ -e "$units/$other.service" ] && echo "$other stays, and so do its releases" && return
  done
  run rm -rf --one-file-system -- "$home"
  if [ -n "$delete_data" ]; then
    run rm -rf --one-file-system -- "$state" "$etc"
  else
    echo "kept: $state and $etc (--delete-data removes them)"
  fi
}

case $action in
  install | upgrade)
    [ -n "$release" ] || usage
    require_root
    "do_$action"
    ;;
  remove)
    [ -z "$release" ] || usage
    require_root
    do_remove
    ;;
  *) usage ;;
esac
