# What the scripts of this folder share; sourced, never run.
# shellcheck shell=bash
# Some of these are read by the scripts that source this.
# shellcheck disable=SC2034

die() {
  echo "$(basename "$0"): $1" >&2
  exit 1
}

project=${CLOUDSDK_CORE_PROJECT:-}
zone=${CLOUDSDK_COMPUTE_ZONE:-}
name=countersign
machine=e2-small
disk_gb=20
release=
dry=
delete_data=
worker=

usage() {
  echo "usage: $(basename "$0") --project ID --zone ZONE [--name NAME] [--dry-run]$1" >&2
  exit 2
}

# Takes the options that a script allows, beside those that all have.
parse_options() {
  local allowed=$1 help=$2
  shift 2
  while [ $# -gt 0 ]; do
    case $1 in
      --project | --zone | --name) ;;
      --dry-run)
        dry=yes
        shift
        continue
        ;;
      *) case " $allowed " in *" $1 "*) ;; *) usage "$help" ;; esac ;;
    esac
    case $1 in
      --delete-data) delete_data=yes ;;
      --worker) worker=--worker ;;
      *)
        [ $# -gt 1 ] || usage "$help"
        case $1 in
          --project) project=$2 ;;
          --zone) zone=$2 ;;
          --name) name=$2 ;;
          --machine-type) machine=$2 ;;
          --disk-gb) disk_gb=$2 ;;
          --release) release=$2 ;;
        esac
        shift
        ;;
    esac
    shift
  done
  [ -n "$project" ] || die 'which project? give --project ID'
  [ -n "$zone" ] || die 'which zone? give --zone ZONE'
  [[ $name =~ ^[a-z]([-a-z0-9]{0,40}[a-z0-9])?$ ]] || die "--name: expected small letters, digits and dashes, not $name"
  [[ $disk_gb =~ ^[1-9][0-9]{1,4}$ ]] || die "--disk-gb: expected a number of 10 or more, not $disk_gb"
}

print_command() {
  printf '+'
  printf ' %q' "$@"
  printf '\n'
}

# Says a command and runs it; --dry-run says it alone.
run() {
  print_command "$@"
  [ -n "$dry" ] || "$@"
}

gcloud_here() {
  gcloud "$@" "--project=$project" --quiet
}

run_gcloud() {
  run gcloud "$@" "--project=$project" --quiet
}

# Whether a thing is there: 0, or 1 when the answer says that it is not. Any other failure ends the script with its own words.
is_there() {
  print_command gcloud "$@" "--project=$project" --quiet
  [ -z "$dry" ] || return 1
  local said
  if said=$(gcloud_here "$@" 2>&1 >/dev/null); then return 0; fi
  case $said in
    *'was not found'* | *NOT_FOUND*) return 1 ;;
    *) explain "$said" ;;
  esac
}

explain() {
  echo "$1" >&2
  case $1 in
    *PERMISSION_DENIED* | *'Required '*' permission'*) die "this account may not do that in $project: ask for roles/compute.instanceAdmin.v1 and roles/iap.tunnelResourceAccessor" ;;
    *QUOTA* | *[Qq]uota*) die "the quota of $project in $zone is used up: choose another --zone, or a smaller --machine-type" ;;
    *'not authenticated'* | *'gcloud auth login'*) die 'nobody is signed in: run gcloud auth login' ;;
    *ZONE_RESOURCE_POOL_EXHAUSTED*) die "$zone has no room for that machine now: choose another --zone" ;;
    *) die 'gcloud failed, see above' ;;
  esac
}

# Makes a thing; that somebody else made it at the same moment is as good.
make() {
  print_command gcloud "$@" "--project=$project" --quiet
  [ -z "$dry" ] || return 0
  local said
  if said=$(gcloud_here "$@" 2>&1); then return 0; fi
  case $said in
    *'already exists'*) return 0 ;;
    *) explain "$said" ;;
  esac
}

on_vm() {
  run_gcloud compute ssh "$name" "--zone=$zone" --tunnel-through-iap "--command=$1"
}

# A new machine takes a while before it lets anybody in.
wait_for_ssh() {
  local tries=${COUNTERSIGN_SSH_TRIES:-30}
  print_command gcloud compute ssh "$name" "--zone=$zone" --tunnel-through-iap --command=true "--project=$project" --quiet
  [ -z "$dry" ] || return 0
  for _ in $(seq "$tries"); do
    if gcloud_here compute ssh "$name" "--zone=$zone" --tunnel-through-iap --command=true >/dev/null 2>&1; then return 0; fi
    sleep "${COUNTERSIGN_SSH_PAUSE:-5}"
  done
  die "$name does not let anybody in by ssh: gcloud compute ssh $name --zone=$zone --troubleshoot"
}

require_vm() {
  [ -n "$dry" ] && { is_there compute instances describe "$name" "--zone=$zone" || true; } && return 0
  is_there compute instances describe "$name" "--zone=$zone" || die "there is no machine $name in $zone; make it with: create.sh"
}

# Carries the release and the script that installs it over, and runs it there.
set_up_on_vm() {
  local action=$1
  local here
  here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
  run_gcloud compute scp "$release" "$here/vm/setup.sh" "$name:/tmp/" "--zone=$zone" --tunnel-through-iap
  on_vm "sudo bash /tmp/setup.sh $action /tmp/$(printf %q "$(basename "$release")") $worker"
}

require_release() {
  [ -n "$release" ] || die 'which release? give --release FILE (npm run release makes one)'
  [ -f "$release" ] || die "there is no $release; make one with: npm run release"
}
