// The running daemon: all parts, tied together. Returns termd's exit status when it was told to end
// (SIGTERM, SIGINT: every session is ended first) or could not start.
#pragma once

#include "supervisor/model/config.hpp"

namespace termd {

int run_daemon(const model::config& settings);

}  // namespace termd
