#!/usr/bin/env bash
# Runs on the VM, as root: the data disk gets a file system once, is found by its label ever after, and holds the data folder.
set -euo pipefail
disk=/dev/disk/by-id/google-countersign-data
folder=/var/lib/countersign

blkid "$disk" >/dev/null || mkfs.ext4 -q -L countersign "$disk"
mkdir -p "$folder"
grep -q '^LABEL=countersign ' /etc/fstab || echo "LABEL=countersign $folder ext4 defaults,nofail 0 2" >>/etc/fstab
mountpoint -q "$folder" || mount "$folder"
