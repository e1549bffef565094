#include "supervisor/platform/cgroup.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <sstream>

#include "os/file.hpp"
#include "os/unique_fd.hpp"

namespace termd::platform {
namespace {

constexpr std::size_t most_bytes = 1 << 20;

// Control files take exactly one write; they are no files to be replaced.
bool write_control(const std::string& path, const std::string& value) {
    const os::unique_fd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    return fd && ::write(fd.get(), value.data(), value.size()) ==
                     static_cast<ssize_t>(value.size());
}

// The mount point of the v2 hierarchy: /sys/fs/cgroup, or "unified" below it on hybrid systems.
std::string mount_point() {
    std::istringstream lines(os::read_file("/proc/self/mountinfo", most_bytes).value_or(""));
    for (std::string line; std::getline(lines, line);) {
        if (line.find(" - cgroup2 ") == std::string::npos) continue;
        std::istringstream fields(line);
        std::string field;
        for (int i = 0; i < 5; ++i) fields >> field;  // the fifth is the mount point (proc(5))
        return field;
    }
    return "";
}

std::string own_group() {
    std::istringstream lines(os::read_file("/proc/self/cgroup", most_bytes).value_or(""));
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with("0::")) return line.substr(3);
    return "";
}

}  // namespace

std::optional<std::string> find_cgroup_base() {
    const std::string mount = mount_point();
    std::string group = own_group();
    if (mount.empty() || group.empty()) return std::nullopt;
    if (group == "/") group.clear();
    const std::string base = mount + group + "/termd-" + std::to_string(::geteuid());
    if (::mkdir(base.c_str(), 0755) != 0 && errno != EEXIST) return std::nullopt;
    // Listed is not writable, and cgroup.kill came with Linux 5.14: try both on a leaf.
    const std::string trial = base + "/trial-" + std::to_string(::getpid());
    const bool works = ::mkdir(trial.c_str(), 0755) == 0 &&
                       ::access((trial + "/cgroup.procs").c_str(), W_OK) == 0 &&
                       write_control(trial + "/cgroup.kill", "1");
    ::rmdir(trial.c_str());
    if (!works) return std::nullopt;
    return base;
}

// Another termd of the same user removes the base when it ends and sees nobody in it.
result<void> make_leaf(const std::string& leaf) {
    for (int attempt = 0; attempt < 5; ++attempt) {
        if (::mkdir(leaf.c_str(), 0755) == 0) return {};
        if (errno != ENOENT) break;
        ::mkdir(leaf.substr(0, leaf.rfind('/')).c_str(), 0755);
    }
    return system_error("cannot make " + leaf, errno);
}

result<void> move_into(const std::string& leaf, pid_t process) {
    if (!write_control(leaf + "/cgroup.procs", std::to_string(process)))
        return system_error("cannot move a process into " + leaf, errno);
    return {};
}

void kill_all_in(const std::string& leaf) { write_control(leaf + "/cgroup.kill", "1"); }

bool is_populated(const std::string& leaf) {
    const auto events = os::read_file(leaf + "/cgroup.events", most_bytes);
    // What cannot be read (no descriptor left) is not empty.
    if (!events) return ::access(leaf.c_str(), F_OK) == 0;
    return events->find("populated 1") != std::string::npos;
}

void remove_leaf(const std::string& leaf) {
    std::error_code problem;
    for (const auto& below : std::filesystem::directory_iterator(leaf, problem))
        if (below.is_directory(problem)) remove_leaf(below.path());
    ::rmdir(leaf.c_str());
}

void remove_base(const std::string& base) { ::rmdir(base.c_str()); }

}  // namespace termd::platform
