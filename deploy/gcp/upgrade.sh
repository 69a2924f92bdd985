#!/usr/bin/env bash
# Puts another release on the VM. If it does not come up, the one before runs again and this says so. May be run again.
set -euo pipefail
# shellcheck source=deploy/gcp/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
parse_options '--release --worker' ' --release FILE [--worker]' "$@"
require_release
require_vm
set_up_on_vm upgrade
