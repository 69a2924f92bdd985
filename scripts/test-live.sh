#!/usr/bin/env bash
# Runs the live tests against a Docker daemon of their own, and a Kubernetes cluster where ../shared/kube (or the folder that
# COUNTERSIGN_KUBE names) holds its binaries. Needs root on a Debian-like machine; installs what it needs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

missing() {
  echo "test:live cannot run: $1" >&2
  exit 1
}

node=node_modules/.bin/node
[ -x "$node" ] || missing 'the pinned Node is missing; run "npm ci" first.'
[ "$(id -u)" = 0 ] || missing 'dockerd needs root; run as root, or run only "npm test".'
command -v apt-get >/dev/null || missing 'apt-get is missing; the Docker image of the tests is made from a Debian package.'
# Servers stand in /usr/sbin, which is not on everybody's PATH.
PATH=$PATH:/usr/sbin:/sbin
need() {
  command -v "$1" >/dev/null && return
  echo "$1 is missing: installing $2 for $3"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$2" >/dev/null
  command -v "$1" >/dev/null || missing "$2 was installed but there is no $1."
}
need dockerd docker.io 'tests of containers'
need faketime faketime 'tests whose clock jumps'
need chromium chromium 'tests in a browser'
need promtool prometheus 'tests of alert rules'
need openssl openssl 'tests over HTTPS'
need shellcheck shellcheck 'tests of scripts'
need systemd-analyze systemd 'tests of systemd units'
need zsh zsh 'tests of completion'
need fish fish 'tests of completion'
need sshd openssh-server 'tests over SSH'
need ip iproute2 'tests of a worker on another host'
need pgrep procps 'tests over SSH'
need debootstrap debootstrap 'tests of services and JVMs'
if ! compgen -G '/usr/lib/jvm/*17*/bin/javac' >/dev/null; then
  echo 'a JDK 17 is missing: installing openjdk-17-jdk-headless for tests of JVMs'
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends openjdk-17-jdk-headless >/dev/null
fi

if [ -f "${COUNTERSIGN_KUBE:-../shared/kube}/kube.sh" ]; then
  need etcd etcd-server 'tests of a Kubernetes cluster'
  need jq jq 'tests of a Kubernetes cluster'
  need curl curl 'tests of a Kubernetes cluster'
  need kubectl kubernetes-client 'tests of a Kubernetes cluster'
fi

bash scripts/make-debian-archive.sh || missing 'the Debian of the tests of services cannot be made (see above).'
bash scripts/fetch-debian-source.sh php8.2 || missing 'the source package of the big repository cannot be had (see above).'

folder=$(mktemp -d /tmp/countersign-live.XXXXXX)
runner=
cleanup() {
  status=$?
  trap - EXIT INT TERM
  if [ -n "$runner" ] && kill -0 "$runner" 2>/dev/null; then
    kill "$runner" 2>/dev/null || true
    wait "$runner" || true
  fi
  for pid in "$folder"/*/pid; do
    [ -f "$pid" ] || continue
    daemon=$(cat "$pid")
    kill "$daemon" 2>/dev/null || true
    for _ in $(seq 100); do
      kill -0 "$daemon" 2>/dev/null || break
      sleep 0.1
    done
    kill -KILL "$daemon" 2>/dev/null || true
  done
  rm -rf --one-file-system -- "$folder" || echo "left behind: $folder" >&2
  exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# In the background, so that a signal reaches the trap at once.
"$node" scripts/test-live.ts "$folder" "$@" &
runner=$!
wait "$runner"
