#!/usr/bin/env bash
# Starts a Docker engine where none answers; as root, and on Debian it is installed first. Prints the pid where it started one, so that
# the caller can end it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

answers() { docker version >/dev/null 2>&1; }

if answers; then
    exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "start-docker.sh: no Docker engine answers, and only root can start one." >&2
    exit 1
fi
command -v dockerd >/dev/null || ../apt-install.sh docker.io >&2

# A dockerd that was killed leaves its pid file, and the next one does not start over it while any process has that pid.
pid_file=/var/run/docker.pid
if [ -f "$pid_file" ] && ! grep -qs dockerd "/proc/$(cat "$pid_file")/cmdline"; then
    rm -f "$pid_file"
fi

# Published ports are for this machine only, and its firewall is left alone: containers are reached through Docker's own proxy.
# A session and files of its own: whoever waits for this script's output does not wait for the engine's.
log=$(mktemp -t dockerd-XXXXXX.log)
setsid dockerd --ip=127.0.0.1 --iptables=false --ip-masq=false --pidfile="$pid_file" >"$log" 2>&1 </dev/null &
pid=$!

for _ in $(seq 150); do
    if answers; then
        echo "$pid"
        exit 0
    fi
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.2
done
tail -n 20 "$log" >&2
echo "start-docker.sh: the Docker engine does not start." >&2
exit 1
