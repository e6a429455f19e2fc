#!/bin/bash
# build.sh [kube|all]: builds the binaries of the test cluster from Go modules into ${TOQUE_CACHE:-~/.cache/toque}/cluster/bin.
# kube: Kubernetes, DNS and PID 1 (cold: some 8 minutes on two cores). all (default): two releases of etcd for images too.
# What is there and built from the same sources is left alone.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${TOQUE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/toque}/cluster
bin=$cache/bin
what=${1:-all}
kubernetes=$(sed -n 's/^\tk8s.io\/kubernetes v\(.*\)/\1/p' "$here/go/kube/go.mod")
version=k8s.io/component-base/version
stamped="-X $version.gitVersion=v$kubernetes -X $version.gitMajor=${kubernetes%%.*} -X $version.gitMinor=$(cut -d. -f2 <<<"$kubernetes")"
mkdir -p "$bin"

# One build at a time for each cache: two would only slow each other down.
exec 9>"$cache/build.lock"
flock 9

digest_of() { cat "$@" | sha256sum | cut -d' ' -f1; }
is_built() { [ -e "$bin/$1" ] && [ "$(cat "$bin/.$2.stamp" 2>/dev/null)" = "$3" ]; }

go_build() { # MODULE OUTPUT PACKAGE...: OUTPUT ends in / where there are several packages
  local module=$1 output=$2 sources digest
  shift 2
  sources=("$here/go/$module"/go.mod "$here/go/$module"/go.sum "$here/go/$module"/*.go)
  digest=$(digest_of "${sources[@]}")
  is_built "$output" "$module" "$digest" && return
  echo "building $module ..."
  # Static, since the nodes' images have no C library.
  # Built aside and moved: the old binary may be running.
  local fresh=$bin/new/$output
  mkdir -p "$(dirname "$fresh")"
  ( cd "$here/go/$module" && CGO_ENABLED=0 go build -ldflags "-s -w $stamped" -o "$fresh" "$@" )
  rm -rf "${bin:?}/$output"
  mv "${fresh%/}" "$bin/${output%/}"
  echo "$digest" > "$bin/.$module.stamp"
}

go_build kube hyperkube .
go_build dns coredns .
digest=$(digest_of "$here/init.c")
if ! is_built init init "$digest"; then
  gcc -O2 -static -s -o "$bin/init" "$here/init.c"
  echo "$digest" > "$bin/.init.stamp"
fi
if [ "$what" = all ]; then
  for release in 3.5 3.6; do
    go_build etcd-$release etcd-$release/ go.etcd.io/etcd/server/v3 go.etcd.io/etcd/etcdctl/v3 go.etcd.io/etcd/etcdutl/v3
  done
fi
rm -rf "$bin/new"
