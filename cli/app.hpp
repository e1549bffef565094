// termctl as a function: the command line in, the exit code out.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/command.hpp"

namespace termd::cli {

// Reads TERMCTL_SOCKET, NO_COLOR and TERM, prints to standard output and standard error.
exit_code run(std::span<const command* const> table, const std::vector<std::string>& words);

}  // namespace termd::cli
