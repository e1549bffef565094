#include "supervisor/platform/run_directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "os/file.hpp"
#include "os/socket.hpp"
#include "supervisor/platform/identity.hpp"

namespace termd::platform {

namespace {

// None: termd's own user and root alone.
std::optional<gid_t> proxy_group(const model::config& settings) {
    const auto& name = settings.workers.proxy_group;
    if (!settings.uses_sockets() || name.empty()) return std::nullopt;
    return group_id(name);
}

bool may_give_to(gid_t group) {
    if (::geteuid() == 0 || ::getegid() == group) return true;
    std::vector<gid_t> ours(static_cast<std::size_t>(std::max(0, ::getgroups(0, nullptr))));
    const int count = ::getgroups(static_cast<int>(ours.size()), ours.data());
    ours.resize(static_cast<std::size_t>(std::max(0, count)));
    return std::find(ours.begin(), ours.end(), group) != ours.end();
}

result<void> prepare_sessions(const model::config& settings, std::optional<gid_t> proxy) {
    const auto path = settings.sessions_directory();
    if (const auto made = os::ensure_private_directory(path, 0700); !made) return made;
    return proxy ? os::lend_directory(path, *proxy) : result<void>();
}

}  // namespace

std::string missing_proxy_group(const model::config& settings) {
    if (proxy_group(settings) != static_cast<gid_t>(-1)) return {};
    return "workers.proxy_group: there is no group " + settings.workers.proxy_group;
}

result<run_directory> prepare_directories(const model::config& settings) {
    if (const auto missing = missing_proxy_group(settings); !missing.empty())
        return error{errc::invalid_request, missing};
    run_directory out;
    out.proxy = proxy_group(settings);
    const auto& name = settings.workers.proxy_group;
    if (out.proxy && !may_give_to(*out.proxy))
        return error{errc::invalid_request, "workers.proxy_group: termd's user is not in the group " + name +
                                                " and can give it nothing (usermod -aG " + name + " termd)"};
    // The runtime directory can be entered by whoever may use the control socket.
    if (const auto made = os::ensure_private_directory(settings.paths.runtime, 0755); !made)
        return made.error();
    if (const auto made = os::ensure_private_directory(settings.paths.state, 0700); !made)
        return made.error();
    if (const auto made = prepare_sessions(settings, out.proxy); !made) return made.error();
    if (settings.recording.mode != model::recording_mode::off)
        if (const auto made = os::ensure_private_directory(settings.recordings_directory(), 0700);
            !made)
            return made.error();
    const std::string path = settings.paths.runtime + "/lock";
    out.lock.reset(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!out.lock) return system_error("cannot open " + path, errno);
    if (::flock(out.lock.get(), LOCK_EX | LOCK_NB) != 0)
        return error{errc::wrong_state,
                     "another termd is running on " + settings.paths.runtime};
    return out;
}

namespace {

// For termd's own user, and for the group if there is one.
result<os::unique_fd> listen_for_group(const std::string& path, std::optional<gid_t> group) {
    auto listener = os::listen_unix(path, 0600);
    if (!listener || !group) return listener;
    // First the group, then its right: never open for a wrong one.
    if (::chown(path.c_str(), static_cast<uid_t>(-1), *group) != 0)
        return system_error("cannot give " + path + " to its group", errno);
    if (::chmod(path.c_str(), 0660) != 0) return system_error(path, errno);
    return listener;
}

}  // namespace

result<os::unique_fd> listen_on_control_socket(const model::config& settings) {
    const auto& group = settings.control.group;
    if (group.empty()) return listen_for_group(settings.control_socket(), std::nullopt);
    const gid_t gid = group_id(group);
    if (gid == static_cast<gid_t>(-1))
        return error{errc::invalid_request, "control.group: there is no group " + group};
    return listen_for_group(settings.control_socket(), gid);
}

result<os::unique_fd> listen_for_proxy(const model::config& settings, std::optional<gid_t> group) {
    if (!settings.uses_sockets()) return os::unique_fd();
    return listen_for_group(settings.proxy_socket(), group);
}

result<void> ensure_known_hosts(const model::config& settings) {
    const os::unique_fd fd(::open(settings.known_hosts_file().c_str(),
                                  O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd) return system_error("cannot open " + settings.known_hosts_file(), errno);
    return {};
}

}  // namespace termd::platform
