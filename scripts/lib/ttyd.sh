# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # scripts/setup sources this; some names are shared with it
# Finds a ttyd that termd can use, and brings one when the system has none.
#
# Debian 12 and 13 have no ttyd package. A newer Debian has one, but it wants a newer libc, so it cannot simply be
# installed. We let apt fetch and verify it with everything below it, unpack that under .deps/ and start it through
# its own dynamic loader. The system's packages and apt's own state are not touched.
#
# Expects: $deps (absolute path of .deps), say.sh, packages.sh.

# Older ones let the browser type without -W and lack options that termd sets.
readonly ttyd_oldest=1.7.4

# Where to look, in this order: the first may lose the package for a while, as any testing release can.
readonly ttyd_suites=${TERMD_TTYD_SUITES:-forky sid}

# The ttyd that will be used: $TERMD_TTYD, else a good one on the PATH, else ours. Fails when there is none.
ttyd_path() {
    local found
    if [[ -n ${TERMD_TTYD:-} ]]; then
        printf '%s\n' "$TERMD_TTYD"
    elif found=$(type -P ttyd) && ttyd_is_new_enough "$found"; then
        [[ $found == /* ]] || found=$PWD/$found
        printf '%s\n' "$found"
    elif [[ -x $deps/bin/ttyd ]]; then
        printf '%s\n' "$deps/bin/ttyd"
    else
        return 1
    fi
}

ttyd_is_new_enough() {
    local version
    version=$("$1" --version 2>/dev/null) || return 1
    version=${version##* } # "ttyd version 1.7.7-…"
    printf '%s\n' "$ttyd_oldest" "$version" | sort --version-sort --check=silent
}

# Starts it on a free loopback port with a fixed command, wants a 200 from /token, ends it. Nothing less shows that
# it works: a ttyd without its event-loop plug-in prints its version happily and then cannot serve.
ttyd_answers() {
    local ttyd=$1 log pid reply='' deadline=$((SECONDS + 5))
    log=$(mktemp)
    "$ttyd" --interface 127.0.0.1 --port 0 true >"$log" 2>&1 &
    pid=$!
    while [[ -z $reply ]] && ((SECONDS < deadline)) && kill -0 "$pid" 2>/dev/null; do
        sleep 0.02
        reply=$(ttyd_token_status "$log") || true
    done
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
    if [[ $reply != *' 200 '* ]]; then
        warn "$ttyd does not answer; it said:"
        tail -n 20 "$log" | sed 's/^/    /' >&2
    fi
    rm -f "$log"
    [[ $reply == *' 200 '* ]]
}

# The status line of GET /token, once the log names the port. bash's own /dev/tcp: neither curl nor python is needed.
ttyd_token_status() {
    local log=$1 port connection line
    port=$(sed -n 's/.*Listening on port: \([0-9]*\).*/\1/p' "$log")
    [[ -n $port ]] || return 1
    exec {connection}<>"/dev/tcp/127.0.0.1/$port" || return 1
    printf 'GET /token HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' >&"$connection"
    IFS= read -r -t 2 line <&"$connection"
    printf '%s ' "${line%$'\r'}"
}

# Makes sure there is a ttyd that answers; says which. To get a newer one later: remove .deps and run setup again.
ttyd_ensure() {
    local ttyd candidate
    if ttyd=$(ttyd_path); then
        if ttyd_answers "$ttyd"; then
            note "ttyd: $ttyd"
            return
        fi
        [[ $ttyd == "$deps"/* ]] || # only our own may be replaced
            die "ttyd: $ttyd does not work here (above). Repair or remove it, or name another one in TERMD_TTYD"
    fi
    lists_ensure
    find_candidates ttyd
    candidate=${candidates[ttyd]:-}
    if [[ -n $candidate ]] && version_at_least "$candidate" "$ttyd_oldest"; then
        become_root_or_explain 'apt-get install --no-install-recommends -y ttyd'
        install_packages ttyd
    else
        ttyd_fetch
    fi
    ttyd=$(ttyd_path) || die "ttyd: still none after installing it"
    ttyd_answers "$ttyd" || die "ttyd: $ttyd was installed, but does not work here (above)"
    say "ttyd: $ttyd (answers)"
}

ttyd_fetch() {
    local mirror suite work
    mirror=$(debian_mirror)
    [[ -n $mirror ]] || die "ttyd: no package here, and no Debian mirror in apt's sources to fetch one from." \
        "Install ttyd $ttyd_oldest or newer by hand, so that it is on the PATH, and run this again"
    rm -rf "$deps"/fetch.* # of a run that was killed
    for suite in $ttyd_suites; do
        say "ttyd: fetching it from Debian $suite into .deps (the system stays as it is)"
        work=$(mktemp -d "$deps/fetch.XXXXXX")
        if ttyd_download "$mirror" "$suite" "$work" && ttyd_unpack "$suite" "$work"; then
            rm -rf "$work"
            return
        fi
        warn "ttyd: that did not work"
        rm -rf "$work"
    done
    die "ttyd: could not be fetched from any of: $ttyd_suites"
}

# apt with a world of its own in $work: no system package counts as installed, so everything down to libc comes along.
# The machine's own apt.conf.d still holds (proxies, time-outs); apt verifies signatures and checksums as always.
ttyd_download() {
    local mirror=$1 suite=$2 work=$3 arch keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    [[ -r $keyring ]] || die "ttyd: $keyring is missing (package debian-archive-keyring)"
    arch=$(dpkg --print-architecture)
    mkdir -p "$work"/{lists/partial,cache/archives/partial}
    : >"$work/status"
    printf 'deb [arch=%s target=Packages lang=none signed-by=%s] %s %s main\n' \
        "$arch" "$keyring" "$mirror" "$suite" >"$work/sources.list"
    cat >"$work/apt.conf" <<EOT
Dir::State "$work";
Dir::State::Lists "$work/lists";
Dir::State::status "$work/status";
Dir::State::extended_states "$work/extended_states";
Dir::Cache "$work/cache";
Dir::Cache::archives "$work/cache/archives";
Dir::Etc::sourcelist "$work/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
// The user _apt can seldom reach a checkout; apt would only warn and go on as we do here.
APT::Sandbox::User "root";
// Hooks of the machine's own package database.
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
EOT
    # -c and not APT_CONFIG: what APT_CONFIG names is read first, and apt.conf.d would win over it.
    quietly apt-get -c "$work/apt.conf" -q --error-on=any update &&
        quietly apt-get -c "$work/apt.conf" -q -y --no-install-recommends --download-only install ttyd
}

# .deps/ttyd-VERSION appears whole or not at all; the wrapper last, once what it starts is there.
# Called in a condition, where `set -e` does not hold.
ttyd_unpack() {
    local suite=$1 work=$2 root=$2/new/root deb version loader libraries
    mkdir -p "$root" "$work/new/evlib" || return 1
    for deb in "$work"/cache/archives/*.deb; do
        dpkg-deb -x "$deb" "$root" || return 1
    done
    version=$(dpkg-deb -f "$work"/cache/archives/ttyd_*.deb Version) || return 1
    version=${version//[!A-Za-z0-9.+~-]/_}

    # Two thirds of it are character sets and the like, which ttyd never opens.
    rm -rf "${root:?}"/{etc,var,usr/share/{man,lintian,bash-completion,locale},usr/lib/*/{gconv,ossl-modules,engines-3}}

    loader=$(find "$root" -type f \( -name 'ld-linux*.so.*' -o -name 'ld64.so.*' -o -name 'ld.so.1' \) -print -quit)
    libraries=$(find "$root" -name 'libwebsockets-evlib_uv.so' -printf '%h' -quit)
    [[ -n $loader && -n $libraries ]] || { warn "ttyd: the packages hold no loader or no event-loop plug-in"; return 1; }
    mv "$libraries/libwebsockets-evlib_uv.so" "$work/new/evlib/" || return 1
    ttyd_is_self_contained "$work/new" "$loader" "$libraries" || return 1

    rm -rf "$deps/ttyd-$version"
    mv "$work/new" "$deps/ttyd-$version" || return 1
    ttyd_write_wrapper "$suite" "$version" "${loader#"$work/new/"}" "${libraries#"$work/new/"}"
}

# A library that came from the system would work today and break with the next upgrade.
ttyd_is_self_contained() {
    local tree=$1 loader=$2 libraries=$3 binary outside
    for binary in "$tree"/root/usr/bin/ttyd "$tree"/evlib/*; do
        outside=$("$loader" --inhibit-cache --library-path "$libraries" --list "$binary" |
            grep -v -F -e "=> $tree/" -e linux-vdso -e linux-gate -e "$loader") || true
        [[ -z $outside ]] || { warn "ttyd: ${binary##*/} would use libraries of the system:"$'\n'"$outside"; return 1; }
    done
}

# The wrapper runs once per session: only builtins, then exec. It finds its tree beside itself, so that a moved
# checkout goes on working; called through a link elsewhere, it falls back to the place where it was written.
ttyd_write_wrapper() {
    local suite=$1 version=$2 loader=$3 libraries=$4 new=$deps/bin/ttyd.new
    mkdir -p "$deps/bin"
    cat >"$new" <<EOT
#!/bin/sh
# Written by scripts/setup: ttyd $version of Debian $suite, with the libraries it was built for.
case \$0 in
/*) tree=\${0%/bin/*}/ttyd-$version ;;
*) tree=\$PWD/\${0%bin/*}/ttyd-$version ;;
esac
[ -x "\$tree/$loader" ] || tree=$(sh_quote "$deps/ttyd-$version")
# libwebsockets looks for its event loop in LD_LIBRARY_PATH. ttyd's children inherit it and are the system's own
# programs, so that directory holds the plug-in and no library.
export LD_LIBRARY_PATH="\$tree/evlib"
exec "\$tree/$loader" --inhibit-cache --library-path "\$tree/$libraries" --argv0 ttyd "\$tree/root/usr/bin/ttyd" "\$@"
EOT
    chmod 755 "$new"
    mv "$new" "$deps/bin/ttyd"
}

sh_quote() { printf "'%s'" "${1//\'/\'\\\'\'}"; }
