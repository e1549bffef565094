#include "supervisor/platform/run_directory.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "os/file.hpp"
#include "os/process.hpp"
#include "os/socket.hpp"
#include "supervisor/platform/identity.hpp"

namespace termd::platform {
namespace {

std::string lock_file(const model::config& settings) { return settings.paths.runtime + "/lock"; }

bool try_lock(const os::unique_fd& fd) { return ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0; }

// In the file for those who want to end us; it is the lock that says that the number holds.
void write_own_number(const os::unique_fd& fd) {
    const auto number = std::to_string(::getpid()) + "\n";
    if (::ftruncate(fd.get(), 0) == 0)
        (void)!::pwrite(fd.get(), number.data(), number.size(), 0);
}

// Not valid when nobody holds it. The lock is looked at after the process was taken hold of: then it
// is that process, and no other one that has got its number since.
os::unique_fd holder_of(const std::string& path) {
    const os::unique_fd lock(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
    const auto number = os::read_file(path, 32);
    struct stat about{};
    // Somebody else's file can name any process, which root would end for him.
    const bool ours = lock && ::fstat(lock.get(), &about) == 0 && about.st_uid == ::geteuid();
    if (!ours || !number) return {};
    auto holder = os::open_pidfd(static_cast<pid_t>(std::strtol(number->c_str(), nullptr, 10)));
    return !holder || try_lock(lock) ? os::unique_fd() : std::move(holder);
}

bool wait_for_end(const os::unique_fd& process, milliseconds longest) {
    pollfd ended{process.get(), POLLIN, 0};
    return ::poll(&ended, 1, static_cast<int>(longest.count())) != 0;
}

}  // namespace

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
    const std::string path = lock_file(settings);
    run_directory out;
    out.lock.reset(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!out.lock) return system_error("cannot open " + path, errno);
    if (!try_lock(out.lock))
        return error{errc::wrong_state,
                     "another termd is running on " + settings.paths.runtime};
    write_own_number(out.lock);
    return out;
}

bool has_sessions(const model::config& settings) {
    std::error_code none;
    return std::filesystem::directory_iterator(settings.sessions_directory(), none) !=
           std::filesystem::directory_iterator();
}

void end_holder(const model::config& settings, int signal, milliseconds patience) {
    const auto holder = holder_of(lock_file(settings));
    if (!holder || !os::send_signal(holder, signal)) return;
    if (wait_for_end(holder, patience)) return;
    os::send_signal(holder, SIGKILL);
    wait_for_end(holder, milliseconds{-1});
}

result<os::unique_fd> listen_for_group(const std::string& path, std::optional<gid_t> group) {
    auto listener = os::listen_unix(path, 0600);
    if (!listener || !group) return listener;
    if (const auto given = os::give_to_group(path, *group, 0660); !given) return given.error();
    return listener;
}

result<os::unique_fd> listen_on_control_socket(const model::config& settings) {
    const auto& group = settings.control.group;
    if (group.empty()) return listen_for_group(settings.control_socket(), std::nullopt);
    const gid_t gid = group_id(group);
    if (gid == static_cast<gid_t>(-1))
        return error{errc::invalid_request, "control.group: there is no group " + group};
    return listen_for_group(settings.control_socket(), gid);
}

result<void> ensure_known_hosts(const model::config& settings) {
    const os::unique_fd fd(::open(settings.known_hosts_file().c_str(),
                                  O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd) return system_error("cannot open " + settings.known_hosts_file(), errno);
    return {};
}

}  // namespace termd::platform
