// The running daemon: all parts, tied together. Returns termd's exit status when it was told to end
// (SIGTERM, SIGINT, or by an operator: every session is ended first) or could not start. The
// settings came from that file, which SIGHUP makes it read again.
#pragma once

#include <string>

#include "supervisor/model/config.hpp"

namespace termd {

int run_daemon(const model::config& settings, const std::string& config_file);

}  // namespace termd
