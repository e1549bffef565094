# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # scripts/setup sources this; some names are shared with it
# The system's packages: which are wanted, which are missing, how they get installed.
#
# An entry is one name or several alternatives, each with an optional least version: 'a|b>=1.2'. It is satisfied by
# any alternative that is installed; otherwise the first one that this release offers is installed.
#
# Expects: say.sh.

readonly packages_build=(
    g++ meson ninja-build pkg-config ccache scdoc
    # Debian 12's own Boost is 1.74, too old; its 1.81 has the version in the name. Later releases: the plain names.
    'libboost1.81-dev|libboost-dev>=1.81'
    'libboost-json1.81-dev|libboost-json-dev>=1.81'
    'libboost-filesystem1.81-dev|libboost-filesystem-dev>=1.81'
    libcli11-dev libtomlplusplus-dev libspdlog-dev libfmt-dev doctest-dev libmd-dev libsqlite3-dev libsystemd-dev
)
readonly packages_package=(build-essential debhelper fakeroot git)
readonly packages_run=(openssh-client openssh-server python3) # the demo has an sshd and a client of its own
readonly packages_test=(asciinema python3-pytest python3-pytest-xdist python3-jsonschema clang clang-tools 'libclang-rt-dev|libclang-rt-14-dev' strace valgrind tmux htop vim less python3-pyte curl jq zsh fish prometheus nginx-light caddy)
readonly packages_system=(systemd-container debootstrap lintian man-db)
readonly packages_browser=('chromium|chromium-browser' 'chromium-driver|chromium-chromedriver' python3-selenium)
readonly packages_bench=(supervisor s6 runit redis-server nginx-light)

have_apt() { type -P apt-get dpkg-query apt-cache >/dev/null; }

version_at_least() { dpkg --compare-versions "$1" ge "$2"; }

# Sets $missing to those of the given entries that nothing installed satisfies. One dpkg-query for all of them.
find_missing() {
    local -A installed=()
    local entry alternative name status version names=()
    for entry; do
        for alternative in ${entry//|/ }; do names+=("${alternative%%>=*}"); done
    done
    while IFS=$'\t' read -r name status version; do
        [[ $status != installed ]] || installed[$name]=$version
    done < <(dpkg-query -W -f '${Package}\t${db:Status-Status}\t${Version}\n' "${names[@]}" 2>/dev/null)

    missing=()
    for entry; do
        for alternative in ${entry//|/ }; do
            version=${installed[${alternative%%>=*}]:-}
            if [[ -n $version ]] && satisfies "$version" "$alternative"; then continue 2; fi
        done
        missing+=("$entry")
    done
}

satisfies() {
    local version=$1 alternative=$2
    [[ $alternative != *'>='* ]] || version_at_least "$version" "${alternative##*>=}"
}

# Sets candidates[NAME] to the version that apt would install, for those names that have one.
find_candidates() {
    local line name=''
    candidates=()
    while IFS= read -r line; do
        case $line in
        '  Candidate: (none)') ;;
        '  Candidate: '*)      candidates[$name]=${line#'  Candidate: '} ;;
        [!\ ]*:)               name=${line%:} ;;
        esac
    done < <(LC_ALL=C apt-cache policy "$@" 2>/dev/null)
}
declare -A candidates=()

# Sets $chosen to one package name for each entry; the entries for which this release has none stop us.
choose_packages() {
    local entry alternative candidate names=() unknown=()
    for entry; do
        for alternative in ${entry//|/ }; do names+=("${alternative%%>=*}"); done
    done
    find_candidates "${names[@]}"
    chosen=()
    for entry; do
        for alternative in ${entry//|/ }; do
            candidate=${candidates[${alternative%%>=*}]:-}
            if [[ -n $candidate ]] && satisfies "$candidate" "$alternative"; then
                chosen+=("${alternative%%>=*}")
                continue 2
            fi
        done
        unknown+=("$entry")
    done
    ((${#unknown[@]} == 0)) || die "this release ($(system_name)) has no package for: ${unknown[*]}." \
        "Debian 12 and newer, and Ubuntu 24.04 and newer, have all of them"
}

system_name() {
    # shellcheck disable=SC1091  # a file of the system
    (. /etc/os-release 2>/dev/null && printf '%s' "${PRETTY_NAME:-${ID:-}}") || printf 'unknown system'
}

# Installs what is missing of the given entries.
packages_ensure() {
    find_missing "$@"
    if ((${#missing[@]} == 0)); then
        note "packages: all $# are here"
        return
    fi
    say "packages: ${#missing[@]} of $# are missing: $(first_names "${missing[@]}")"
    become_root_or_explain "apt-get update && apt-get install --no-install-recommends -y $(first_names "${missing[@]}")"
    say "packages: reading the lists of the mirror"
    update_lists
    choose_packages "${missing[@]}"
    install_packages "${chosen[@]}"
}

first_names() {
    local entry names=()
    for entry; do names+=("${entry%%[|>]*}"); done
    printf '%s' "${names[*]}"
}

# Sets $as_root to what must stand before a command that changes the system. $1: what to do by hand where it cannot be.
become_root_or_explain() {
    as_root=()
    ((EUID != 0)) || return 0
    type -P sudo >/dev/null ||
        die "this needs root, and there is no sudo here. Somebody who is root runs:"$'\n\n'"    $1"$'\n\n'"then run this again"
    as_root=(sudo)
}

apt_get() {
    # Without the lock (9): a service that a package starts would inherit it and hold it for good. A file of the
    # configuration that somebody has changed stays as it is; dpkg would ask, and there is nobody to answer.
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=600 \
        -o DPkg::Options::=--force-confdef -o DPkg::Options::=--force-confold "$@" 9>&-
}

# apt waits for the lock of the package database, but not for that of its lists; another apt may be at work.
update_lists() {
    local tries
    for tries in {1..60}; do
        apt_get update >"$scratch/update" 2>&1 && return
        grep -q 'Could not get lock' "$scratch/update" || break
        ((tries > 1)) || say "packages: waiting for another apt"
        sleep 2
    done
    sed 's/^/    /' "$scratch/update" >&2
    # An old list may be good enough, and one broken mirror of several must not stop us. The installation will tell.
    warn "packages: apt-get update failed (above); going on with the lists that are here"
}

install_packages() {
    local removed
    removed=$(apt_get --no-install-recommends --simulate install "$@" 2>/dev/null |
        sed -n 's/^Remv \([^ ]*\).*/\1/p' | paste -s -d ' ') || true
    [[ -z $removed ]] || say "packages: apt removes what conflicts: $removed"
    say "packages: installing $*"
    keep_services_off "$@"
    quietly apt_get --no-install-recommends install "$@" || die "packages: apt could not install them (above)"
}

# openssh-server would open port 22 of this machine, ttyd a login on 7681, prometheus port 9090, and so on. We want the programs only:
# where systemd runs, their units are masked first. What is already installed is left as it is.
keep_services_off() {
    local units=() name
    [[ -d /run/systemd/system ]] || return 0
    [[ " $* " != *' openssh-server '* ]] || units+=(ssh.service ssh.socket)
    [[ " $* " != *' nginx-light '* ]] || units+=(nginx.service)
    for name in ttyd prometheus supervisor redis-server caddy; do
        [[ " $* " != *" $name "* ]] || units+=("$name.service")
    done
    ((${#units[@]} > 0)) || return 0
    say "packages: their services stay off (to undo: systemctl unmask ${units[*]})"
    quietly "${as_root[@]}" systemctl mask "${units[@]}" || true
}

# An image may come with packages and without apt's lists.
lists_ensure() {
    # shellcheck disable=SC2016  # apt expands it
    [[ -z $(apt-get indextargets --format '$(ORIGIN)' 'Created-By: Packages') ]] || return 0
    become_root_or_explain 'apt-get update'
    say "packages: reading the lists of the mirror"
    update_lists
}

# The address that this machine uses for Debian itself; nothing on another distribution.
debian_mirror() {
    # shellcheck disable=SC2016  # apt expands it
    local all target='$(REPO_URI)'
    all=$(apt-get indextargets --format "$target" 'Created-By: Packages' 'Origin: Debian' 'Label: Debian') || true
    printf '%s' "${all%%$'\n'*}"
}
