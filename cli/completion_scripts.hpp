// The scripts that tie the shells' completion to `termctl __complete`.
#pragma once

#include <string_view>

namespace termd::cli {

// For "bash", "zsh" or "fish"; "" for another.
std::string_view completion_script(std::string_view shell);

}  // namespace termd::cli
