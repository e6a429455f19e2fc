#!/bin/bash
# Builds the four peers, and helm for tests/clients, into ${TOQUE_CACHE:-~/.cache/toque}/peers, nothing into the checkout. Cold: some 6 minutes on two cores,
# mostly Rust. Needs Go 1.26, Rust 1.95, Python 3.11 with venv, npm. A peer whose tools are missing is left out with a line.
# `build.sh NAME...` builds only those.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=${TOQUE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/toque}/peers
mkdir -p "$out"

wanted=" $* "
# Whether peer $2 is wanted and its tool $1 is there.
have() {
  [ "$wanted" = "  " ] || [[ $wanted == *" $2 "* ]] || return 1
  command -v "$1" >/dev/null || { echo "$2 is left out: there is no $1"; return 1; }
}

if have go controller-runtime; then
  ( cd "$here/controller-runtime" && CGO_ENABLED=0 go build -ldflags='-s -w' -o "$out/controller-runtime" . )
fi
if have cargo kube-rs; then
  ( cd "$here/kube-rs" && CARGO_TARGET_DIR=$out/kube-rs cargo build --quiet --release --locked )
fi
if have python3 kopf && ! "$out/kopf/bin/pip" freeze 2>/dev/null | grep -qxFf "$here/kopf/requirements.txt"; then
  python3 -m venv "$out/kopf"
  "$out/kopf/bin/pip" install --quiet -r "$here/kopf/requirements.txt"
fi
if have npm client-node; then
  mkdir -p "$out/client-node"
  cp "$here/client-node/operator.mjs" "$out/client-node/"
  if ! cmp -s "$here/client-node/package.json" "$out/client-node/package.json"; then
    cp "$here/client-node/package.json" "$out/client-node/"
    ( cd "$out/client-node" && npm install --no-audit --no-fund --ignore-scripts --loglevel=error )
  fi
fi
if have go helm; then
  GOBIN=$out GOFLAGS=-mod=mod go install helm.sh/helm/v3/cmd/helm@v3.22.0
fi
