# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # scripts/setup sources this; some names are shared with it
# For systems that this script cannot install on: says what is needed, and looks whether it is there already.
#
# Expects: say.sh, ttyd.sh.

readonly needed_programs=(g++ meson ninja pkg-config ssh sshd ssh-keygen python3)
readonly needed_headers=(
    boost/asio/experimental/awaitable_operators.hpp boost/beast.hpp boost/json.hpp boost/process/v2.hpp
    CLI/CLI.hpp toml++/toml.h spdlog/spdlog.h fmt/format.h doctest/doctest.h sqlite3.h
)

check_by_hand() {
    local lacking=()
    say "$(system_name) has no apt; this script installs nothing here, and looks only"
    find_lacking
    if ((${#lacking[@]} == 0)); then
        say "everything is here; ttyd: $(ttyd_path)"
        return
    fi
    cat >&2 <<'EOT'

termd needs, under whatever names your system gives them:
  - a C++20 compiler (g++ 12 or clang 14, or newer), Meson 1.0 or newer, Ninja, pkg-config; ccache helps
  - Boost 1.81 or newer (headers, JSON, Filesystem), CLI11, toml++ 3, spdlog, fmt, doctest, libmd, SQLite 3
  - the OpenSSH client, and for demo and tests its server; Python 3
EOT
    printf '  - ttyd %s or newer on the PATH, or named in TERMD_TTYD\n\nNot found here: %s\n' \
        "$ttyd_oldest" "${lacking[*]}" >&2
    exit 1
}

find_lacking() {
    local program header
    for program in "${needed_programs[@]}"; do
        PATH=$PATH:/usr/sbin:/sbin type -P "$program" >/dev/null || lacking+=("$program")
    done
    for header in "${needed_headers[@]}"; do
        header_exists "$header" || lacking+=("<$header>")
    done
    ttyd_path >/dev/null || lacking+=("ttyd")
}

# Asks the preprocessor, so that nothing large is read.
header_exists() {
    g++ -std=c++20 -E -x c++ - >/dev/null 2>&1 <<EOT
#if !__has_include(<$1>)
#error missing
#endif
EOT
}
