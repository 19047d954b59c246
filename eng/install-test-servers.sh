#!/usr/bin/env bash
# Installs the servers that tests start from binaries, on a machine with apt-get and as root; everybody else is told by the tests what
# is missing. Containers do not replace them: clusters, replicas and PgBouncer run from binaries in any case.
set -euo pipefail

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    exit 0
fi

missing=()
command -v redis-server >/dev/null || missing+=(redis-server)
[ -x /usr/sbin/pgbouncer ] || missing+=(pgbouncer)
compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || missing+=(postgresql)

if [ ${#missing[@]} -gt 0 ]; then
    "$(dirname "${BASH_SOURCE[0]}")/apt-install.sh" "${missing[@]}"
fi
