#!/usr/bin/env bash
# Puts a release on the VM that create.sh made, and starts it. May be run again.
set -euo pipefail
# shellcheck source=deploy/gcp/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
parse_options '--release --worker' ' --release FILE [--worker]' "$@"
require_release
require_vm
set_up_on_vm install
echo "next: gcloud compute ssh $name --zone=$zone --project=$project --tunnel-through-iap -- -L 9325:127.0.0.1:9325, then open http://127.0.0.1:9325/"
