// A listening socket that whoever starts us keeps open over our restarts (sd_listen_fds(3)):
// clients that come while nobody serves wait in it.
#pragma once

#include "common/result.hpp"
#include "os/unique_fd.hpp"

namespace termd::os {

// To be called once, before other descriptors are opened. Not valid when none was passed to us; an
// error when what was passed is not one listening Unix socket. Non-blocking, close-on-exec.
result<unique_fd> take_passed_listener();

}  // namespace termd::os
