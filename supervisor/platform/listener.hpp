// Whose socket listens on a TCP port: the listener's inode among the descriptors of a process
// (proc(5)).
#pragma once

#include <sys/types.h>

#include <string>
#include <utility>

#include "supervisor/platform/socket_diag.hpp"

namespace termd::platform {

class listeners {
  public:
    explicit listeners(socket_diag kernel = {}) : kernel_(std::move(kernel)) {}
    bool belongs_to(const std::string& address, int port, pid_t process);

  private:
    // Finds a listener among thousands at once. It may have nothing, or name another of several
    // that share the port; so a "no" comes only from the whole list.
    socket_diag kernel_;
};

// Whether a worker could listen there now: tried by binding, closed again.
bool can_bind(const std::string& address, int port);

}  // namespace termd::platform
