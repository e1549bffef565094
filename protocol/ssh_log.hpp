// What ssh(1) says about itself. At LogLevel=VERBOSE with -E it writes its own messages to a file
// of ours, apart from the terminal, where the other side could forge them. These are the lines that
// decide something; the wording is OpenSSH's (sshconnect2.c, sshconnect.c, clientloop.c).
#pragma once

#include <string_view>

namespace termd::protocol {

enum class ssh_event {
    authenticated,     // Authenticated to HOST ([ADDRESS]:PORT) using "publickey".
    host_unknown,      // the host's key is in no list
    host_changed,      // another key is on record for it
    permission_denied, // no method was accepted
    timed_out,         // no answer in time
    unreachable,       // refused, no route, no such name, closed early
    chatter,           // statistics and the like: nothing that a person needs to see
    other,
};

ssh_event classify_ssh_line(std::string_view line);

// The key of a host that has changed, which stands on a line of its own; "" on any other.
std::string_view shown_fingerprint(std::string_view line);

}  // namespace termd::protocol
