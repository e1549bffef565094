// What reading the configuration again means for a daemon that runs: which of the changes it can
// make, and which have to wait for its next start because they are about sockets it listens on or
// directories its sessions live in. Pure.
#pragma once

#include <string>
#include <vector>

#include "supervisor/model/config.hpp"

namespace termd::platform {

struct reload_plan {
    model::config next;                       // to be in force from now on
    std::vector<std::string> changed;         // dotted keys that differ between now and next
    std::vector<std::string> restart_needed;  // that differ between next and the file
};

reload_plan plan_reload(const model::config& now, const model::config& file);

}  // namespace termd::platform
