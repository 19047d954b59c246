#!/bin/sh
# What Testcontainers needs of https://hub.docker.com/_/redis: a server that others reach, with its data in /data.
set -eu

# Options alone are options of the server.
case "${1:-}" in
    -*) set -- redis-server "$@" ;;
esac
[ "$1" = redis-server ] || exec "$@"

set -- "$@" --bind '*' --protected-mode no --dir /data
if [ "$(id -u)" -eq 0 ]; then
    chown redis:redis /data
    set -- setpriv --reuid=redis --regid=redis --clear-groups "$@"
fi
exec "$@"
