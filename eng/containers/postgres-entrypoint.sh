#!/bin/sh
# What Testcontainers needs of https://hub.docker.com/_/postgres: POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB and PGDATA, and a server
# that takes connections over TCP only when it is set up.
set -eu

# Options alone are options of the server.
case "${1:-}" in
    -*) set -- postgres "$@" ;;
esac
[ "$1" = postgres ] || exec "$@"

if [ "$(id -u)" -eq 0 ]; then
    mkdir -p "$PGDATA"
    chown -R postgres:postgres "$PGDATA"
    chmod 700 "$PGDATA"
    exec setpriv --reuid=postgres --regid=postgres --clear-groups "$0" "$@"
fi

if [ ! -s "$PGDATA/PG_VERSION" ]; then
    user=${POSTGRES_USER:-postgres}
    database=${POSTGRES_DB:-$user}
    echo "${POSTGRES_PASSWORD:?has to be set}" >/tmp/password
    initdb --pgdata="$PGDATA" --username="$user" --pwfile=/tmp/password --auth-local=trust --auth-host=scram-sha-256 \
        --encoding=UTF8 --locale=C.UTF-8 --no-sync --no-instructions
    rm /tmp/password
    echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
    printf "listen_addresses = '*'\nunix_socket_directories = '/tmp'\njit = off\n" >>"$PGDATA/postgresql.conf"
    if [ "$database" != postgres ]; then
        pg_ctl --pgdata="$PGDATA" --options="-c listen_addresses=''" --wait --silent start
        psql --host=/tmp --username="$user" --dbname=postgres --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --set=name="$database" <<'SQL'
create database :"name";
SQL
        pg_ctl --pgdata="$PGDATA" --mode=fast --wait --silent stop
    fi
fi

exec "$@"
