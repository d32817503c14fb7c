#!/usr/bin/env bash
# Renew the lock files: exact versions with hashes, no package index named.
set -euo pipefail
cd "$(dirname "$0")"
uv=../.venv/bin/uv
flags=(--quiet --python-version 3.11.2 --generate-hashes --no-emit-index-url --no-annotate --no-header)
"$uv" pip compile "${flags[@]}" ../pyproject.toml build.in -o runtime.txt
"$uv" pip compile "${flags[@]}" --group ../pyproject.toml:dev -c runtime.txt -o dev.txt
"$uv" pip compile "${flags[@]}" uv.in -o uv.txt
"$uv" pip compile "${flags[@]}" node.in -o node.txt
