// Whose socket listens on a TCP port, by what /proc says (proc(5)): the listener's inode among the
// descriptors of a process.
#pragma once

#include <sys/types.h>

#include <string>

namespace termd::platform {

bool listener_belongs_to(const std::string& address, int port, pid_t process);

// Whether a worker could listen there now: tried by binding, closed again.
bool can_bind(const std::string& address, int port);

}  // namespace termd::platform
