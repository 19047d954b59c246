#!/usr/bin/env bash
# Installs what the browser tests need, on a machine with apt-get and as root; everybody else is told by the tests what is missing.
# Chromium is for the one test that a whole browser is needed for, the shell for all others: it is the same engine at a quarter of the cost.
set -euo pipefail

if [ -n "${KVSESSIONS_TEST_CHROMIUM:-}" ] || [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    exit 0
fi

missing=()
for package in chromium chromium-headless-shell; do
    command -v "$package" >/dev/null || missing+=("$package")
done

if [ ${#missing[@]} -gt 0 ]; then
    "$(dirname "${BASH_SOURCE[0]}")/apt-install.sh" "${missing[@]}"
fi
