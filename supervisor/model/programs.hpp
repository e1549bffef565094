// The command lines that termd starts, as pure functions of settings and a checked request. No
// shell reads them; nothing a user wrote is ever a whole word of ttyd's.
#pragma once

#include <optional>
#include <string>

#include "common/ids.hpp"
#include "protocol/shim_messages.hpp"
#include "supervisor/model/config.hpp"

namespace termd::model {

using protocol::shim::program;

// What every session's programs need to know about where they run.
struct surroundings {
    std::string path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    std::string home = "/";
    std::string user = "termd";   // the local user, for USER and LOGNAME
    std::string ttyd;             // resolved, absolute
    std::string ssh;              // resolved, absolute
    std::string attach;           // termd-attach, absolute
    std::string page_file;        // termd's own page, absolute; it may not be there
    std::string page;             // what ttyd is to serve; "": its own
    std::vector<std::string> extra_env;  // only for builds with sanitizers: where reports go
};

struct target {
    std::string host;
    std::string login;
    int port = 22;
};

// The whole environment of a session's programs; nothing of termd's own is inherited.
std::vector<std::string> environment(const surroundings& where, const session_id& id);

// ssh(1), hardened (research/security-reliability.md T16 to T22): the host after "--", nothing
// after it, the system's and the user's configuration left out, its own messages in "ssh.log" of
// the current directory.
program ssh_program(const config& settings, const surroundings& where, const session_id& id,
                    const target& to, const std::optional<std::string>& key);

// Whether it is termd that sets this option of ssh's, so that an administrator's own value has no effect
// or must not have one.
bool is_fixed_ssh_option(std::string_view name);

// Whether that ssh may ask the user something before it has logged in.
bool ssh_may_prompt(const config& settings, const std::optional<std::string>& key);

// ttyd(1) on a port, or for port 0 on the socket in the session's directory, running termd-attach and
// nothing else, the token as its URL argument. With
// termd's page, termd-attach learns from its environment that notices are understood.
program ttyd_program(const config& settings, const surroundings& where, const session_id& id,
                     int port);

// A command of the configuration, its placeholders filled in. `host` may be empty.
program named_program(const config::command& command, const surroundings& where,
                      const session_id& id, const std::string& user, const target& to);

}  // namespace termd::model
