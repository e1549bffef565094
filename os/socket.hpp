// Stream sockets: Unix ones by path (unix(7)), and TCP. A path may be relative, which keeps it
// below the 108 bytes of sun_path however deep the directory is.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>

#include "common/result.hpp"
#include "os/unique_fd.hpp"

namespace termd::os {

// Listening, non-blocking, close-on-exec. A socket at that path on which nobody listens is
// replaced; anything else there is an error. Created under `mode` from the start: nobody can
// connect between bind and a chmod.
result<unique_fd> listen_unix(const std::string& path, mode_t mode, int backlog = 128);

// Connected, non-blocking, close-on-exec. Fails at once when nobody listens.
result<unique_fd> connect_unix(const std::string& path);

// The same for TCP, on a numeric address. Another program may have listened there a moment ago.
result<unique_fd> listen_tcp(const std::string& address, int port, int backlog = 128);

// Two ends, both non-blocking and close-on-exec.
result<std::pair<unique_fd, unique_fd>> socket_pair();

struct credentials {
    pid_t pid;
    uid_t uid;
    gid_t gid;
};
std::optional<credentials> peer_credentials(int socket);

// Where a Unix socket is bound, as whoever bound it wrote it; empty when it has no path.
std::string bound_path(int socket);

}  // namespace termd::os
