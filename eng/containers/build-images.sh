#!/usr/bin/env bash
# Builds local/postgres:15 and local/redis:7 from the Debian packages of this machine, for where no registry can be reached: the programs,
# the libraries that they link to, and an entry point that understands what Testcontainers says to the public images. Nothing is pulled.
# An image that is up to date stays as it is.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# copy ROOT FILE...: each file, links followed, and the libraries that it links to, under their places in /usr.
copy() {
    local root=$1 file target
    shift
    for file in "$@"; do
        while read -r file; do
            target=$root/usr/${file#/}
            target=${target/usr\/usr/usr}
            [ -e "$target" ] || install -D --mode="$(stat --dereference --format=%a "$file")" "$file" "$target"
        done < <(echo "$file"; ldd "$file" 2>/dev/null | sed -nE 's|^[^/]*(/[^ ]+) .*|\1|p')
    done
}

# programs ROOT NAME...: programs of the PATH.
programs() {
    local root=$1 name
    shift
    for name in "$@"; do
        copy "$root" "$(type -P "$name")"
    done
}

# skeleton ROOT USER: what every image has, with an unprivileged user for the server.
skeleton() {
    local root=$1 directory
    mkdir -p "$root"/usr/{bin,sbin,lib,lib64} "$root"/{dev,etc,proc,root,run,sys,tmp,var/tmp}
    for directory in bin sbin lib lib64; do
        ln -s "usr/$directory" "$root/$directory"
    done
    chmod 1777 "$root/tmp" "$root/var/tmp" "$root/run"
    printf 'root:x:0:0::/root:/bin/sh\n%s:x:999:999::/:/bin/sh\n' "$2" >"$root/etc/passwd"
    printf 'root:x:0:\n%s:x:999:\n' "$2" >"$root/etc/group"
    programs "$root" dash cat chmod chown id mkdir rm setpriv
    ln -s dash "$root/usr/bin/sh"
    install -m 755 "$2-entrypoint.sh" "$root/usr/bin/entrypoint.sh"
}

# up_to_date IMAGE STATE: whether the image was built from just this; STATE goes into its label.
up_to_date() {
    [ "$(docker image inspect --format '{{index .Config.Labels "kvsessions.state"}}' "$1" 2>/dev/null)" = "$2" ]
}

# build IMAGE STATE ROOT, with the rest of the Dockerfile on standard input.
build() {
    mkdir "$3.context"
    tar --directory="$3" --numeric-owner --owner=0 --group=0 --create --file="$3.context/root.tar" .
    {
        printf 'FROM scratch\nADD root.tar /\nENTRYPOINT ["entrypoint.sh"]\nENV PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n'
        cat
    } >"$3.context/Dockerfile"
    # BuildKit would be a package more; without it, Docker warns of that each time.
    DOCKER_BUILDKIT=0 docker build --quiet --label "kvsessions.state=$2" --tag "$1" "$3.context" >"$3.log" 2>&1 || {
        cat "$3.log" >&2
        return 1
    }
    echo "build-images.sh: built $1, $(docker image inspect --format '{{.Size}}' "$1") bytes"
}

build_postgres() {
    local image=local/postgres:15 version=15 state root=$work/postgres
    local home=/usr/lib/postgresql/$version
    state=$(dpkg-query --show --showformat='${Version}' postgresql-$version)-$(cat build-images.sh postgres-entrypoint.sh | sha256sum | cut -c1-16)
    up_to_date "$image" "$state" && return

    skeleton "$root" postgres
    copy "$root" $home/bin/{initdb,pg_ctl,pg_isready,postgres,psql}
    ln -s ../lib/postgresql/$version/bin/{initdb,pg_ctl,pg_isready,postgres,psql} "$root/usr/bin/"
    # The languages and the compiler of expressions would bring Perl, Python and LLVM along.
    find $home/lib -name '*.so' ! -name 'llvmjit*' ! -name '*plperl*' ! -name '*plpython*' ! -name '*pltcl*' | while read -r library; do
        copy "$root" "$library"
    done
    # Debian's PostgreSQL has no time zones and locales of its own.
    mkdir -p "$root"/usr/{share/postgresql,lib/locale}
    cp --archive /usr/share/postgresql/$version "$root/usr/share/postgresql/"
    cp --archive /usr/share/zoneinfo "$root/usr/share/"
    cp --archive /usr/lib/locale/C.utf8 "$root/usr/lib/locale/"
    build "$image" "$state" "$root" <<'DOCKERFILE'
ENV PGDATA=/var/lib/postgresql/data LANG=C.UTF-8
CMD ["postgres"]
EXPOSE 5432
STOPSIGNAL SIGINT
VOLUME /var/lib/postgresql/data
DOCKERFILE
}

build_redis() {
    local image=local/redis:7 state root=$work/redis
    state=$(dpkg-query --show --showformat='${Version}' redis-server)-$(cat build-images.sh redis-entrypoint.sh | sha256sum | cut -c1-16)
    up_to_date "$image" "$state" && return

    skeleton "$root" redis
    programs "$root" redis-server redis-cli
    mkdir "$root/data"
    build "$image" "$state" "$root" <<'DOCKERFILE'
CMD ["redis-server"]
WORKDIR /data
EXPOSE 6379
VOLUME /data
DOCKERFILE
}

build_postgres
build_redis
