// A descriptor on its way to another process: it goes with a short message over a connected Unix
// socket (unix(7), SCM_RIGHTS), and the other process has it open as well from then on.
#pragma once

#include <string>
#include <string_view>

#include "common/result.hpp"
#include "os/unique_fd.hpp"

namespace termd::os {

// The message must not be empty. It arrives in one piece if it is the first on its connection and of
// at most a few hundred bytes.
result<void> send_descriptor(int socket, std::string_view message, int descriptor);

struct passed_descriptor {
    std::string message;
    unique_fd descriptor;  // close-on-exec
};

// What has arrived, without waiting; an error when it is no message with exactly one descriptor.
result<passed_descriptor> receive_descriptor(int socket);

}  // namespace termd::os
