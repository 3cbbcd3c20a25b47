#!/bin/sh
# Run every test, long ones too, on Python 3.11 (with Django 5.2) and on the newest Python present.
#
#   scripts/test-all.sh [PYTEST ARGUMENTS]
set -eu
cd "$(dirname "$0")/.."

# pyenv hides interpreters that are installed but not selected; here all of them may be used.
if command -v pyenv >/dev/null; then
    PYENV_VERSION=$(pyenv versions --bare | paste -sd: -)
    export PYENV_VERSION
fi

# Prints the path of an interpreter, nothing where it is not there.
path() {
    "$1" -c 'import sys; print(sys.executable)' 2>/dev/null || true
}

# Prints the version of an interpreter as 3.11, nothing where it is not there.
minor() {
    "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || true
}

# run MINOR ARGUMENTS: in .venv where that is of the same version, else in an environment of its own.
run() {
    venv=.venv
    [ "$(minor "$venv/bin/python")" = "$1" ] || venv=.venv-$1
    shift
    scripts/setup.sh "$venv" dev
    "$venv/bin/python" -c 'import sys, django; print("== Python %d.%d, Django %s" % (*sys.version_info[:2], django.__version__))'
    "$venv/bin/pytest" "$@"
}

oldest=$(path python3.11)
for minor in 13 12; do
    newest=$(path python3.$minor) && [ -n "$newest" ] && break
done
[ -n "$oldest" ] || echo "== Python 3.11 is not on this machine: left out"
[ -n "$newest" ] || echo "== No Python newer than 3.11 is on this machine: left out"
if [ -z "$oldest$newest" ]; then
    echo "trueup: neither Python 3.11 nor 3.12 nor 3.13 was found, so nothing was tested. Install one." >&2
    exit 1
fi
[ -z "$oldest" ] || PYTHON=$oldest run 3.11 "$@"
[ -z "$newest" ] || PYTHON=$newest run "3.$minor" "$@"
