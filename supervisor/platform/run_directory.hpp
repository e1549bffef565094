// The directories termd lives in and the lock that makes it the only one there.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "common/result.hpp"
#include "common/time.hpp"
#include "os/unique_fd.hpp"
#include "supervisor/model/config.hpp"

namespace termd::platform {

struct run_directory {
    os::unique_fd lock;  // held for as long as this lives
};

// Makes what is missing, checks that nobody else can write there, takes the lock.
result<run_directory> prepare_directories(const model::config& settings);

// Whether there is a directory of a session, live or not.
bool has_sessions(const model::config& settings);

// Sends that signal to the termd that holds the lock, and SIGKILL when it still runs after
// `patience`. Returns when it has ended; at once when there is none.
void end_holder(const model::config& settings, int signal, milliseconds patience);

// A socket for termd's own user, and for the group if there is one.
result<os::unique_fd> listen_for_group(const std::string& path, std::optional<gid_t> group);

// The control socket, group and mode as configured.
result<os::unique_fd> listen_on_control_socket(const model::config& settings);

// The file of trusted host keys exists, empty if need be.
result<void> ensure_known_hosts(const model::config& settings);

}  // namespace termd::platform
