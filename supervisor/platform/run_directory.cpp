#include "supervisor/platform/run_directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "os/file.hpp"
#include "os/socket.hpp"
#include "supervisor/platform/identity.hpp"

namespace termd::platform {

result<run_directory> prepare_directories(const model::config& settings) {
    // The runtime directory can be entered by whoever may use the control socket.
    if (const auto made = os::ensure_private_directory(settings.paths.runtime, 0755); !made)
        return made.error();
    if (const auto made = os::ensure_private_directory(settings.paths.state, 0700); !made)
        return made.error();
    if (const auto made = os::ensure_private_directory(settings.sessions_directory(), 0700); !made)
        return made.error();
    if (settings.recording.mode != model::recording_mode::off)
        if (const auto made = os::ensure_private_directory(settings.recordings_directory(), 0700);
            !made)
            return made.error();
    const std::string path = settings.paths.runtime + "/lock";
    run_directory out;
    out.lock.reset(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!out.lock) return system_error("cannot open " + path, errno);
    if (::flock(out.lock.get(), LOCK_EX | LOCK_NB) != 0)
        return error{errc::wrong_state,
                     "another termd is running on " + settings.paths.runtime};
    return out;
}

result<os::unique_fd> listen_on_control_socket(const model::config& settings) {
    const std::string path = settings.control_socket();
    const auto& group = settings.control.group;
    if (group.empty()) return os::listen_unix(path, 0600);
    const gid_t gid = group_id(group);
    if (gid == static_cast<gid_t>(-1))
        return error{errc::invalid_request, "control.group: there is no group " + group};
    auto listener = os::listen_unix(path, 0600);
    if (!listener) return listener.error();
    // First the group, then its right: never open for a wrong one.
    if (::chown(path.c_str(), static_cast<uid_t>(-1), gid) != 0)
        return system_error("cannot give " + path + " to the group " + group, errno);
    if (::chmod(path.c_str(), 0660) != 0) return system_error(path, errno);
    return listener;
}

result<void> ensure_known_hosts(const model::config& settings) {
    const os::unique_fd fd(::open(settings.known_hosts_file().c_str(),
                                  O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd) return system_error("cannot open " + settings.known_hosts_file(), errno);
    return {};
}

}  // namespace termd::platform
