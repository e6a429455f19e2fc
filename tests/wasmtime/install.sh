#!/bin/bash
# A Python environment with wasmtime in the project's cache, for tests/wasmtime. Does nothing when it is there.
set -euo pipefail
cache=${TOQUE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/toque}
folder=$cache/wasmtime
version=50.0.1
[ -e "$folder/version-$version" ] && exit 0
rm -rf "$folder"
python3 -m venv "$folder"
"$folder/bin/pip" install --quiet --disable-pip-version-check "wasmtime==$version"
touch "$folder/version-$version"
