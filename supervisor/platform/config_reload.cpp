#include "supervisor/platform/config_reload.hpp"

#include "supervisor/platform/config_file.hpp"

namespace termd::platform {

reload_plan plan_reload(const model::config& now, const model::config& file) {
    auto next = file;
    next.paths = now.paths;
    next.control.socket = now.control.socket;
    next.control.group = now.control.group;
    if (file.workers.access != now.workers.access) next.workers.public_url = now.workers.public_url;
    next.workers.access = now.workers.access;
    next.workers.proxy_group = now.workers.proxy_group;
    next.workers.address = now.workers.address;
    next.workers.ports = now.workers.ports;
    next.metrics = now.metrics;
    auto changed = changed_keys(now, next);
    auto restart_needed = changed_keys(next, file);
    return {std::move(next), std::move(changed), std::move(restart_needed)};
}

}  // namespace termd::platform
