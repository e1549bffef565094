// The daemon: all parts, tied together. The settings came from that file, which SIGHUP makes it read
// again. SIGTERM, SIGINT, SIGPWR (for a machine that goes down) and an operator make it end: every
// session first, or, with SIGUSR1, itself only.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "os/unique_fd.hpp"
#include "protocol/vocabulary.hpp"
#include "supervisor/model/config.hpp"

namespace termd {

struct listening {
    os::unique_fd control;
    os::unique_fd monitoring, proxy;       // not valid when there is to be none
    std::optional<gid_t> proxy_group = {};  // who may connect to terminals on sockets
};

// Takes the sessions up that are there and serves until it is told to end: termd's exit status.
int serve(const model::config& settings, const std::string& config_file, listening on);

// Takes the sessions up that are there and ends them; returns when that is on record.
void end_left_sessions(const model::config& settings, const std::string& config_file,
                       protocol::end_reason why);

}  // namespace termd
