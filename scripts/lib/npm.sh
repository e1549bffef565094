# shellcheck shell=bash
# shellcheck disable=SC2154  # scripts/setup sources this; some names are shared with it
# Packages from npm, for the page and for the tests: those that a package.json names, with their exact versions, below
# .deps/npm/.
#
# Expects: $here, $deps, say.sh, packages.sh.

# Sets $packages_npm to what is missing for npm itself. A machine may have another build of Node.js, with its own npm,
# that conflicts with the distribution's: what is on the PATH is used.
npm_packages() {
    packages_npm=()
    type -P node >/dev/null || packages_npm+=(nodejs)
    type -P npm >/dev/null || packages_npm+=(npm)
}

# $1: a folder with a package.json; its last part is the name below .deps/npm/. Appears whole or not at all.
npm_ensure() {
    local folder=$1 place=$deps/npm/${1##*/} work
    if cmp -s "$folder/package.json" "$place/package.json"; then
        note "npm: what ${folder##*/} needs is here"
        return
    fi
    say "npm: installing what ${folder##*/} needs into .deps/npm"
    mkdir -p "$deps/npm"
    work=$(mktemp -d "$deps/npm/.fetch.XXXXXX")
    cp "$folder/package.json" "$work/"
    if ! quietly npm install --prefix "$work" --no-audit --no-fund --no-package-lock --ignore-scripts; then
        rm -rf "$work"
        warn "npm: what ${folder##*/} needs could not be installed (above): the build goes on without the page, and tests that need it are skipped"
        return 0
    fi
    rm -rf "$place"
    mv "$work" "$place"
}
