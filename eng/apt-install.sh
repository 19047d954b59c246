#!/usr/bin/env bash
# Installs Debian packages, quietly where all goes well.
set -euo pipefail

export DEBIAN_FRONTEND=noninteractive
apt-get update -qq || echo "apt-install.sh: the package lists could not be brought up to date." >&2
output=$(apt-get install -y -qq --no-install-recommends "$@" 2>&1) || {
    printf '%s\n' "$output" | tail -n 20 >&2
    echo "apt-install.sh: could not install $*." >&2
    exit 1
}
