#!/usr/bin/env bash
# Makes .venv and installs what is missing: packaging/setup.sh run|test
# Safe to call again: with everything in place it takes well under a second.
set -euo pipefail
cd "$(dirname "$0")/.."
purpose=${1:-run}

wanted=$(cat packaging/system-libraries.txt)
if [ "$purpose" = test ]; then wanted="$wanted $(cat packaging/test-libraries.txt)"; fi

if command -v dpkg-query >/dev/null 2>&1; then
    missing=""
    for name in $wanted; do
        # Debian 13 and Ubuntu 24.04 renamed some libraries for 64-bit time: accept either name.
        states=$(dpkg-query -W -f='${Status}\n' "$name" "${name}t64" 2>/dev/null || true)
        case "$states" in *"ok installed"*) ;; *) missing="$missing $name" ;; esac
    done
    if [ -n "$missing" ]; then
        line="apt-get install --yes --no-install-recommends$missing"
        if [ "$(id -u)" = 0 ]; then sudo=""; elif sudo -n true 2>/dev/null; then sudo="sudo"; else sudo="no"; fi
        if [ "$sudo" = no ]; then
            echo "Some system libraries are missing. Run this line, then the same command again:" >&2
            echo "    sudo apt-get update && sudo $line" >&2
            exit 1
        fi
        echo "Installing system libraries:$missing"
        $sudo apt-get update -qq
        DEBIAN_FRONTEND=noninteractive $sudo $line -qq >/dev/null
    fi
else
    echo "No apt here: see that these libraries, or their like, are installed: $wanted" >&2
fi

python=""
for candidate in ${PYTHON:-} python3.11 python3.12 python3; do
    if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "JourneyLab needs Python 3.11 or 3.12 (mediapipe has no wheel for others). On Debian 12: apt-get install python3 python3-pip" >&2
    exit 1
fi
if ! "$python" -m pip --version >/dev/null 2>&1; then
    echo "$python has no pip. On Debian 12: apt-get install python3-pip" >&2
    exit 1
fi

lock=packaging/requirements.lock
stamp=.venv/.installed
want=$(cat "$lock" pyproject.toml | sha256sum | cut -d' ' -f1)
if [ "$(cat "$stamp" 2>/dev/null || true)" != "$want" ]; then
    # uv into a folder of its own: no venv module needed, and Debian's managed Python stays as it is.
    if [ ! -x .tools/bin/uv ]; then
        "$python" -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --target .tools uv
    fi
    [ -x .venv/bin/python ] || .tools/bin/uv venv --quiet --python "$("$python" -c 'import sys; print(sys.executable)')" .venv
    echo "Installing the Python packages into .venv (about 1.4 GB, once)"
    .tools/bin/uv pip sync --quiet --python .venv/bin/python --require-hashes "$lock"
    .tools/bin/uv pip install --quiet --python .venv/bin/python --no-deps --editable .
    echo "$want" >"$stamp"
fi
