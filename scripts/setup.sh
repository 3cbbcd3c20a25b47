#!/bin/sh
# Set up a virtual environment with the project in it, or return at once where it stands already.
#
#   scripts/setup.sh VENV NAME...
#
# Each NAME is a file requirements/NAME.txt, pinned by hash; "base" is what the product needs to run.
# pip does the installing, so the machine's own pip settings (index, proxy, certificates) hold.
# PYTHON=... names the interpreter; otherwise the newest of those below is taken.
set -eu

venv=$1
shift
cd "$(dirname "$0")/.."

fail() {
    printf 'trueup: %s\n' "$*" >&2
    exit 1
}

# Answers of an interpreter: its version, then "venv" where it can make virtual environments.
ask() {
    "$1" -c '
import sys
try:
    import ensurepip, venv
    can = "venv"
except ImportError:
    can = "bare"
print("%d.%d" % sys.version_info[:2], can, sys.version_info >= (3, 11))' 2>/dev/null
}

find_python() {
    old= bare=
    for name in ${PYTHON:-python3.13 python3.12 python3.11 python3}; do
        answer=$(ask "$name") || continue
        case $answer in
            *"venv True") python=$name && return ;;
            *"bare True") bare=${bare:-${answer%% *}} ;;
            *) old=${old:-${answer%% *}} ;;
        esac
    done
    if [ -n "$bare" ]; then
        fail "Python $bare cannot make virtual environments: its venv module is not installed." \
            "Install it, on Debian and Ubuntu with: apt install python$bare-venv"
    elif [ -n "$old" ]; then
        fail "Python $old is too old: trueup needs Python 3.11 or newer." \
            "Install one (Debian 12 and Ubuntu 24.04 have it: apt install python3 python3-venv)" \
            "or name it: make PYTHON=/path/to/python3.12"
    elif [ -n "${PYTHON:-}" ]; then
        fail "PYTHON=$PYTHON does not start: it is not a Python interpreter." \
            "Name one of version 3.11 or newer, or leave PYTHON unset."
    fi
    fail "no Python was found: trueup needs Python 3.11 or newer." \
        "Install it, on Debian and Ubuntu with: apt install python3 python3-venv"
}

# What a stamp must hold: the same inputs, in the same place, for the same interpreter.
digest() {
    { cat "requirements/$1.txt" requirements/build.txt pyproject.toml "$venv/pyvenv.cfg" && pwd; } | cksum
}

stands() {
    [ -x "$venv/bin/trueup" ] && [ "$(cat "$venv/stamps/$1" 2>/dev/null)" = "$(digest "$1")" ]
}

make_venv() {
    find_python
    echo "Making $venv with $("$python" --version) ..."
    "$python" -m venv --clear "$venv" >/dev/null ||
        fail "$venv could not be made with $python: the lines above say why."
}

install() {
    log=$venv/setup.log
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input "$@" >"$log" 2>&1 && return
    tail -n 5 "$log" >&2
    if grep -qiE 'connection|resolution|proxy|timed out|ssl|no matching distribution' "$log"; then
        fail "the package index could not be reached." \
            "Check the network, or pip's settings (pip config list), then run the same command again." \
            "The whole log is in $log"
    fi
    fail "pip could not install what trueup needs: the lines above say why. The whole log is in $log"
}

"$venv/bin/python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || make_venv
mkdir -p "$venv/stamps"
for name; do
    stands "$name" && continue
    echo "Installing requirements/$name.txt into $venv ..."
    install --no-deps --require-hashes -r "requirements/$name.txt" -r requirements/build.txt
    install --no-deps --no-build-isolation --no-index --editable .
    digest "$name" >"$venv/stamps/$name"
done
