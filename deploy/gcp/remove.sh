#!/usr/bin/env bash
# Takes the VM away. Its data disk stays, unless --delete-data is given. May be run again.
set -euo pipefail
# shellcheck source=deploy/gcp/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
parse_options '--delete-data' ' [--delete-data]' "$@"

# Takes a thing away; that it went meanwhile is as good.
delete() {
  print_command gcloud "$@" "--project=$project" --quiet
  [ -z "$dry" ] || return 0
  local said
  if said=$(gcloud_here "$@" 2>&1); then return 0; fi
  case $said in
    *'was not found'* | *NOT_FOUND*) return 0 ;;
    *) explain "$said" ;;
  esac
}

delete compute instances delete "$name" "--zone=$zone"
if [ -n "$delete_data" ]; then
  delete compute disks delete "$name-data" "--zone=$zone"
else
  echo "kept: disk $name-data (--delete-data removes it)"
fi
