// The group of the reverse proxy (workers.proxy_group): what it is let in to.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "common/result.hpp"
#include "os/unique_fd.hpp"
#include "supervisor/model/config.hpp"

namespace termd::platform {

// That there is no such group on this machine; "" when there is, or need not be.
std::string missing_proxy_group(const model::config& settings);

// Lets the group through the sessions' directory, which exists, without showing it what is there. None when
// terminals have ports, or are termd's own user's alone.
result<std::optional<gid_t>> let_proxy_in(const model::config& settings);

// The proxy's socket, for that group; not valid when terminals have ports.
result<os::unique_fd> listen_for_proxy(const model::config& settings, std::optional<gid_t> group);

}  // namespace termd::platform
