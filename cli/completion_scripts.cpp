#include "cli/completion_scripts.hpp"

namespace termd::cli {
namespace {

// bash cuts words at "=", ":" and "@" too (COMP_WORDBREAKS): they are put together again for
// termctl, and what stands on the line already is cut off its answers.
constexpr std::string_view bash = R"(# bash completion of termctl: source it, or put it into
# /usr/share/bash-completion/completions/termctl
_termctl() {
    local words=() glue='' piece i candidate already
    for ((i = 1; i <= COMP_CWORD; i++)); do
        piece=${COMP_WORDS[i]}
        if [[ -n $glue || ($piece =~ ^[=:@]+$ && ${#words[@]} -gt 0) ]]; then
            words[${#words[@]} - 1]+=$piece
        else
            words+=("$piece")
        fi
        glue=''
        [[ ! $piece =~ ^[=:@]+$ ]] || glue=1
    done
    already=${words[${#words[@]} - 1]}
    [[ $piece =~ ^[=:@]+$ ]] || already=${already%"$piece"}
    COMPREPLY=()
    while IFS=$'\t' read -r candidate _; do
        COMPREPLY+=("${candidate#"$already"}")
    done < <("${COMP_WORDS[0]}" __complete "${words[@]}" 2>/dev/null)
    [[ ${COMPREPLY[0]:-} != */ ]] || compopt -o nospace 2>/dev/null
}
complete -F _termctl termctl
)";

constexpr std::string_view zsh = R"(#compdef termctl
# zsh completion of termctl: source it, or put it into a directory of $fpath as _termctl
_termctl() {
    local -a lines described
    local line
    lines=("${(@f)$("${words[1]}" __complete "${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
    for line in $lines; do
        described+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
    done
    (( $#described )) && _describe -t values value described
}
if [[ ${funcstack[1]} == _termctl ]]; then
    _termctl "$@"
else
    compdef _termctl termctl
fi
)";

constexpr std::string_view fish = R"(# fish completion of termctl: source it, or put it into
# ~/.config/fish/completions/termctl.fish
function __termctl_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    $words[1] __complete $words[2..-1] "$current" 2>/dev/null
end
complete -c termctl -f -a '(__termctl_complete)'
)";

}  // namespace

std::string_view completion_script(std::string_view shell) {
    if (shell == "bash") return bash;
    if (shell == "zsh") return zsh;
    if (shell == "fish") return fish;
    return {};
}

}  // namespace termd::cli
