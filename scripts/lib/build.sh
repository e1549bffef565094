# shellcheck shell=bash
# The build directories of a checkout, and everything a person needs to have before termd runs from it.
#
# Expects: say.sh; the checkout as the working directory.

# Installs what is missing, builds, and exports TERMD_TTYD and TERMD_BUILD. TERMD_SKIP_SETUP=1: installs nothing.
build_for_use() {
    [[ ${TERMD_SKIP_SETUP:-} == 1 ]] || scripts/setup --quiet
    TERMD_TTYD=$(scripts/setup --print-ttyd)
    TERMD_BUILD=${TERMD_BUILD:-$PWD/build}
    export TERMD_TTYD TERMD_BUILD
    quietly configure "$TERMD_BUILD" ||
        die "meson could not set up $TERMD_BUILD (above)"
    [[ $(ninja -C "$TERMD_BUILD" -n) == *'no work to do'* ]] || say "building (the first time takes a few minutes)"
    quietly ninja -C "$TERMD_BUILD" || die "termd does not build (above)"
}

# configure BUILD: sets it up unless it is there; its name says of what kind it is.
#   build       as a developer works with it
#   build-asan  by clang, under the address and undefined-behaviour sanitizers, with the fuzz targets: so everything is
#               compiled by a second compiler, too, whose warnings are errors. The libraries need the fuzzer's eyes but
#               not its main(), and libclang_rt is no shared object to link against. The check of vtables opens a pipe, and
#               calls every object bad where there is no descriptor left, as some tests have it.
#   build-tsan  under the thread sanitizer
# All for the places of the package, which the suite `system` makes of `build`.
configure() {
    local places=(-Dprefix=/usr -Dlibexecdir=libexec -Dsysconfdir=/etc)
    local options=(--buildtype=debug "${places[@]}") compiler=()
    if [[ -f $1/build.ninja ]]; then
        meson introspect "$1" --buildoptions | grep -q '"name": "prefix", "value": "/usr"' || meson configure "$1" "${places[@]}"
        return
    fi
    case $1 in
    build-asan) options+=(-Doptimization=1 -Db_sanitize=address,undefined -Db_lundef=false -Dfuzz=true)
                options+=("-Dcpp_args=['-fsanitize=fuzzer-no-link', '-fno-sanitize=vptr']")
                # meson thinks of ccache by itself only for the compiler that it finds by itself.
                compiler=(CXX="$(type -P ccache || true) clang++") ;;
    build-tsan) options+=(-Db_sanitize=thread) ;;
    esac
    env "${compiler[@]}" meson setup "$1" "${options[@]}"
}
