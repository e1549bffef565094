// Who asked for which terminal: what is decided when a session is opened and does not change.
#pragma once

#include <map>
#include <string>

#include "common/ids.hpp"

namespace termd::protocol {

struct session_spec {
    session_id id;
    std::string user, host, login, command, mode, title;
    int target_port = 0;  // 0: the command has no host
    std::map<std::string, std::string> labels;
};

}  // namespace termd::protocol
