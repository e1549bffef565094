# shellcheck shell=bash
# Everything a person needs to have before termd runs from its checkout.
#
# Expects: say.sh; the checkout as the working directory.

# Installs what is missing, builds, and exports TERMD_TTYD and TERMD_BUILD. TERMD_SKIP_SETUP=1: installs nothing.
build_for_use() {
    [[ ${TERMD_SKIP_SETUP:-} == 1 ]] || scripts/setup --quiet
    TERMD_TTYD=$(scripts/setup --print-ttyd)
    TERMD_BUILD=${TERMD_BUILD:-$PWD/build}
    export TERMD_TTYD TERMD_BUILD
    [[ -f $TERMD_BUILD/build.ninja ]] || quietly meson setup "$TERMD_BUILD" --buildtype=debug ||
        die "meson could not set up $TERMD_BUILD (above)"
    [[ $(ninja -C "$TERMD_BUILD" -n) == *'no work to do'* ]] || say "building (the first time takes a few minutes)"
    quietly ninja -C "$TERMD_BUILD" || die "termd does not build (above)"
}
