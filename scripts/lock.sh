#!/bin/sh
# Pin requirements/*.txt: every version with its hashes, for every Python we support, no addresses.
#
#   scripts/lock.sh UV
set -eu
uv=$(realpath "$1")
cd "$(dirname "$0")/../requirements"
export UV_PYTHON_DOWNLOADS=never
compile() {
    "$uv" pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
        --no-header --no-emit-index-url "$@"
}
# dev first: the smaller sets are cut out of it, so that all of them agree.
compile --all-extras ../pyproject.toml build.in dev.in --output-file dev.txt
# `pdf` is left to those who want it: it is larger than all the rest.
compile --extra holidays --extra postgres ../pyproject.toml --constraints dev.txt --output-file base.txt
for name in build docs lock; do
    compile "$name.in" --constraints dev.txt --output-file "$name.txt"
done
