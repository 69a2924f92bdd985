#!/usr/bin/env bash
# Makes a small VM for Countersign: no address outside, no service account, its data on a disk of its own. May be run again.
set -euo pipefail
# shellcheck source=deploy/gcp/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
parse_options '--machine-type --disk-gb' ' [--machine-type TYPE] [--disk-gb N]' "$@"

if is_there compute disks describe "$name-data" "--zone=$zone"; then
  echo "disk $name-data is there"
else
  make compute disks create "$name-data" "--zone=$zone" "--size=${disk_gb}GB" --type=pd-balanced
fi
if is_there compute instances describe "$name" "--zone=$zone"; then
  echo "machine $name is there"
else
  make compute instances create "$name" "--zone=$zone" "--machine-type=$machine" \
    --image-family=debian-12 --image-project=debian-cloud \
    --no-address --no-service-account --no-scopes \
    --shielded-secure-boot --shielded-vtpm --shielded-integrity-monitoring \
    --metadata=enable-oslogin=TRUE,block-project-ssh-keys=TRUE \
    "--disk=name=$name-data,device-name=countersign-data,auto-delete=no"
fi
wait_for_ssh
run_gcloud compute scp "$(dirname "${BASH_SOURCE[0]}")/prepare-disk.sh" "$name:/tmp/" "--zone=$zone" --tunnel-through-iap
on_vm 'sudo bash /tmp/prepare-disk.sh'
echo "next: install.sh --project $project --zone $zone --name $name --release FILE"
