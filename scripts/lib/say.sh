# shellcheck shell=bash
# What the scripts say to people: one line per step on standard output, trouble on standard error.

say()  { printf '%s: %s\n' "${0##*/}" "$*"; }
warn() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
note() { [[ -n ${quiet:-} ]] || say "$@"; } # nothing had to be done
die()  { warn "$@"; exit 1; }

# Runs a command that talks a lot: silent when it works, its last words when it does not.
quietly() {
    local log status=0
    log=$(mktemp)
    "$@" >"$log" 2>&1 || status=$?
    if ((status != 0)); then
        warn "this failed (exit $status): $*"
        tail -n 40 "$log" | sed 's/^/    /' >&2
    fi
    rm -f "$log"
    return "$status"
}
