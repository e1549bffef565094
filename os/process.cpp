#include "os/process.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <memory>

#include "os/file.hpp"

namespace termd::os {
namespace {

constexpr std::size_t most_proc_bytes = 1 << 20;

std::string proc_file(pid_t pid, const char* name) {
    return "/proc/" + std::to_string(pid) + "/" + name;
}

// Field 4 of /proc/PID/stat; the name in field 2 may hold anything, so count from its last ")".
pid_t parent_of(pid_t pid) {
    const auto stat = read_file(proc_file(pid, "stat"), 4096);
    if (!stat) return -1;
    const auto close = stat->rfind(')');
    if (close == std::string::npos || close + 4 >= stat->size()) return -1;
    pid_t parent = -1;
    std::from_chars(stat->data() + close + 4, stat->data() + stat->size(), parent);
    return parent;
}

// Entries of a directory whose names are numbers: processes, or the threads of one.
std::vector<pid_t> numbered_entries(const std::string& directory) {
    std::vector<pid_t> out;
    const std::unique_ptr<DIR, int (*)(DIR*)> list(::opendir(directory.c_str()), ::closedir);
    if (!list) return out;
    while (const dirent* entry = ::readdir(list.get())) {
        const std::string_view name = entry->d_name;
        pid_t pid = 0;
        const auto [end, problem] = std::from_chars(name.data(), name.data() + name.size(), pid);
        if (problem == std::errc{} && end == name.data() + name.size()) out.push_back(pid);
    }
    return out;
}

std::vector<pid_t> all_pids() { return numbered_entries("/proc"); }

std::vector<pid_t> numbers_in(std::string_view text) {
    std::vector<pid_t> out;
    const char* at = text.data();
    const char* end = at + text.size();
    while (at < end) {
        pid_t pid = 0;
        const auto [next, problem] = std::from_chars(at, end, pid);
        if (problem == std::errc{}) out.push_back(pid);
        at = problem == std::errc{} ? next : at + 1;
    }
    return out;
}

// Only a signal to a group cannot be outrun by a fork (kill(2) of one process can). As long as the
// member lives, the number of its group is nobody else's. Where the leader is there and the kernel
// knows how (Linux 6.9), a pidfd names the group for good; otherwise there is the moment between the
// last look and the signal, which a member would have to die in by itself.
bool signal_group_of(pid_t member, const unique_fd& pidfd, int signal) {
    constexpr unsigned to_its_group = 1U << 2;  // PIDFD_SIGNAL_PROCESS_GROUP
    const pid_t group = ::getpgid(member);
    const auto leader = open_pidfd(group);
    if (!send_signal(pidfd, 0)) return false;
    const bool named =
        leader && (::syscall(SYS_pidfd_send_signal, leader.get(), signal, nullptr, to_its_group) == 0 ||
                   errno != EINVAL);
    if (!named && group > 1) ::kill(-group, signal);
    return true;
}

bool has_mark(pid_t pid, const std::string& mark) {
    const auto environment = read_file(proc_file(pid, "environ"), most_proc_bytes);
    if (!environment) return false;
    const std::string whole = '\0' + *environment + '\0';
    return whole.find('\0' + mark + '\0') != std::string::npos;
}

}  // namespace

unique_fd open_pidfd(pid_t pid) {
    return unique_fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
}

unique_fd open_peer(int socket, pid_t pid) {
    auto pidfd = open_pidfd(pid);
    pollfd end{socket, POLLRDHUP, 0};
    if (::poll(&end, 1, 0) != 0) pidfd.reset();
    return pidfd;
}

bool send_signal(const unique_fd& pidfd, int signal) {
    return ::syscall(SYS_pidfd_send_signal, pidfd.get(), signal, nullptr, 0) == 0;
}

void signal_group(pid_t leader, int signal) { ::kill(-leader, signal); }

std::optional<wait_status> try_reap(pid_t child) {
    siginfo_t info{};
    if (::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG) != 0) return {};
    if (info.si_pid == 0) return {};
    return wait_status{info.si_code == CLD_EXITED, info.si_status};
}

std::vector<pid_t> children_of(pid_t parent) {
    static const bool kernel_lists_children =
        ::access("/proc/thread-self/children", R_OK) == 0;  // CONFIG_PROC_CHILDREN
    std::vector<pid_t> out;
    if (!kernel_lists_children) {
        for (const pid_t pid : all_pids())
            if (parent_of(pid) == parent) out.push_back(pid);
        return out;
    }
    const std::string tasks = proc_file(parent, "task");
    for (const pid_t thread : numbered_entries(tasks)) {
        const auto path = tasks + "/" + std::to_string(thread) + "/children";
        const auto text = read_file(path, most_proc_bytes);
        const auto pids = numbers_in(text.value_or(""));
        out.insert(out.end(), pids.begin(), pids.end());
    }
    return out;
}

std::vector<known_process> descendants_of(pid_t root) {
    std::vector<known_process> out;
    std::vector<pid_t> open{root};
    while (!open.empty()) {
        const pid_t parent = open.back();
        open.pop_back();
        for (const pid_t pid : children_of(parent)) {
            auto pidfd = open_pidfd(pid);
            if (!pidfd || parent_of(pid) != parent) continue;
            open.push_back(pid);
            out.push_back({pid, std::move(pidfd)});
        }
    }
    return out;
}

int signal_marked(const std::string& mark, int signal) {
    // Without a descriptor to spare nothing can be read, and nothing found would mean nothing.
    if (!unique_fd(::open("/dev/null", O_RDONLY | O_CLOEXEC))) return -1;
    int found = 0;
    auto pids = all_pids();
    std::sort(pids.rbegin(), pids.rend());
    for (const pid_t pid : pids) {
        if (!has_mark(pid, mark)) continue;
        // The one that was read may have ended and its number been given to another.
        const auto pidfd = open_pidfd(pid);
        if (!pidfd || !has_mark(pid, mark)) continue;
        if (signal_group_of(pid, pidfd, signal)) ++found;
        send_signal(pidfd, signal);  // it may have changed its group meanwhile
    }
    return found;
}

}  // namespace termd::os
