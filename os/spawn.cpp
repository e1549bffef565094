#include "os/spawn.hpp"

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <sstream>

namespace termd::os {
namespace {

enum class stage { clone, session, descriptors, terminal, directory, parent, exec };
constexpr std::array<const char*, 7> stage_names{"clone",     "setsid",       "descriptors", "terminal",
                                                 "directory", "parent check", "exec"};

#ifdef __SANITIZE_THREAD__
// The thread sanitizer's books of the calling thread do not survive a child on the same memory; so
// the child gets a copy.
constexpr int same_memory = 0;
#else
constexpr int same_memory = CLONE_VM;
#endif

struct failure {
    stage at = stage::clone;
    int number = 0;  // 0: there was none
};

// Everything the child reads, laid out before it is born: it shares our memory and must not
// allocate.
struct child_plan {
    const char* program;
    char* const* argv;
    char* const* env;
    const char* directory;
    fd_mapping* fds;
    std::size_t fd_count;
    bool terminal;
    int parent_death_signal;
    std::size_t descriptor_limit;
    pid_t parent;
    failure* failed;  // what it reports back
};

// The kernel's own struct (rt_sigaction(2)); glibc's wrapper refuses the two signals it keeps for
// itself, which may be ignored all the same.
struct kernel_sigaction {
    void* handler;
    unsigned long flags;
    void* restorer;
    unsigned long mask;
};

#define TERMD_IN_CHILD __attribute__((no_sanitize("address", "undefined", "thread")))

TERMD_IN_CHILD void reset_signals() {
    kernel_sigaction by_default{};  // all zero: SIG_DFL
    for (int number = 1; number <= 64; ++number)
        ::syscall(SYS_rt_sigaction, number, &by_default, nullptr, sizeof by_default.mask);
    unsigned long none = 0;
    ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, nullptr, sizeof none);
}

// Close-on-exec for everything first: dup2 clears the flag on what is to stay. Sources are lifted
// above all targets before that, so that no target overwrites a source still to be copied.
TERMD_IN_CHILD bool place_descriptors(child_plan& plan) {
    if (::syscall(SYS_close_range, 3, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */) != 0) return false;
    int above = 3;
    for (std::size_t i = 0; i < plan.fd_count; ++i)
        if (plan.fds[i].to >= above) above = plan.fds[i].to + 1;
    for (std::size_t i = 0; i < plan.fd_count; ++i) {
        plan.fds[i].from = ::fcntl(plan.fds[i].from, F_DUPFD_CLOEXEC, above);
        if (plan.fds[i].from < 0) return false;
    }
    for (std::size_t i = 0; i < plan.fd_count; ++i)
        if (::dup2(plan.fds[i].from, plan.fds[i].to) < 0) return false;
    return true;
}

// A high soft limit is for programs that asked for it: select(2) breaks beyond 1,024.
TERMD_IN_CHILD void limit_descriptors(std::size_t soft) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = soft;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

TERMD_IN_CHILD stage run_until_exec(child_plan& plan) {
    if (::setsid() < 0) return stage::session;
    ::umask(077);
    if (!place_descriptors(plan)) return stage::descriptors;
    if (plan.terminal && ::ioctl(0, TIOCSCTTY, 0) != 0) return stage::terminal;
    if (plan.directory != nullptr && ::chdir(plan.directory) != 0) return stage::directory;
    if (plan.parent_death_signal != 0) {
        if (::prctl(PR_SET_PDEATHSIG, plan.parent_death_signal) != 0) return stage::parent;
        errno = ESRCH;
        if (::getppid() != plan.parent) return stage::parent;  // it died before the prctl
    }
    if (plan.descriptor_limit != 0) limit_descriptors(plan.descriptor_limit);
    reset_signals();
    ::execve(plan.program, plan.argv, plan.env);
    return stage::exec;
}

TERMD_IN_CHILD int child_main(void* raw) {
    auto& plan = *static_cast<child_plan*>(raw);
    const stage reached = run_until_exec(plan);
    *plan.failed = {reached, errno};
    ::_exit(127);
}

std::vector<char*> pointers_to(const std::vector<std::string>& words) {
    std::vector<char*> out;
    out.reserve(words.size() + 1);
    for (const auto& word : words) out.push_back(const_cast<char*>(word.c_str()));
    out.push_back(nullptr);
    return out;
}

// 0, 1 and 2 exist in the child whatever the plan says: a program that opens a file and gets
// number 2 would write its errors into it.
std::vector<fd_mapping> with_standard_streams(const std::vector<fd_mapping>& wanted, int null) {
    auto out = wanted;
    for (int target = 0; target <= 2; ++target)
        if (std::none_of(wanted.begin(), wanted.end(),
                         [&](const fd_mapping& m) { return m.to == target; }))
            out.push_back({null, target});
    return out;
}

// Shared, so that a child that has a copy of everything else can report on it.
class child_stack {
  public:
    child_stack()
        : base_(::mmap(nullptr, size, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS | MAP_STACK, -1, 0)) {}
    ~child_stack() {
        if (base_ != MAP_FAILED) ::munmap(base_, size);
    }
    child_stack(const child_stack&) = delete;
    child_stack& operator=(const child_stack&) = delete;
    void* bottom() const { return base_; }  // never reached
    void* top() const {
        return base_ == MAP_FAILED ? nullptr : static_cast<char*>(base_) + size;
    }

  private:
    static constexpr std::size_t size = 64 << 10;
    void* base_;
};

// No handler of ours may run in the child while it still shares our memory.
class all_signals_blocked {
  public:
    all_signals_blocked() {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~all_signals_blocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    all_signals_blocked(const all_signals_blocked&) = delete;
    all_signals_blocked& operator=(const all_signals_blocked&) = delete;

  private:
    sigset_t before_{};
};

pid_t clone_into_cgroup(int cgroup, child_plan& child, int& pidfd) {
    clone_args args{};
    args.flags = CLONE_VFORK | CLONE_PIDFD | CLONE_INTO_CGROUP;
    args.pidfd = reinterpret_cast<std::uintptr_t>(&pidfd);
    args.exit_signal = SIGCHLD;
    args.cgroup = static_cast<std::uint64_t>(cgroup);
    const auto pid = static_cast<pid_t>(::syscall(SYS_clone3, &args, sizeof args));
    if (pid == 0) child_main(&child);
    return pid;
}

error spawn_failure(const spawn_plan& plan, stage where, int error_number) {
    return system_error("cannot start " + plan.program + ": " +
                            stage_names[static_cast<std::size_t>(where)],
                        error_number);
}

}  // namespace

result<spawned> spawn(const spawn_plan& plan) {
    const unique_fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
    if (!null) return spawn_failure(plan, stage::descriptors, errno);
    auto fds = with_standard_streams(plan.fds, null.get());
    const auto argv = pointers_to(plan.argv);
    const auto env = pointers_to(plan.env);
    const child_stack stack;
    if (stack.top() == nullptr) return spawn_failure(plan, stage::clone, ENOMEM);
    auto& failed = *new (stack.bottom()) failure;
    child_plan child{plan.program.c_str(),
                     argv.data(),
                     env.data(),
                     plan.directory.empty() ? nullptr : plan.directory.c_str(),
                     fds.data(),
                     fds.size(),
                     plan.terminal,
                     plan.parent_death_signal,
                     plan.descriptor_limit,
                     ::getpid(),
                     &failed};
    int pidfd = -1;
    const all_signals_blocked guard;
    pid_t pid = plan.cgroup < 0 ? -1 : clone_into_cgroup(plan.cgroup, child, pidfd);
    const bool in_cgroup = pid > 0;
    if (!in_cgroup)
        pid = ::clone(child_main, stack.top(),
                      same_memory | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, &child, &pidfd);
    if (pid < 0) return spawn_failure(plan, stage::clone, errno);
    unique_fd owned(pidfd);
    if (failed.number != 0) {
        siginfo_t ignored{};
        while (::waitid(P_PID, static_cast<id_t>(pid), &ignored, WEXITED) != 0 && errno == EINTR) {
        }
        return spawn_failure(plan, failed.at, failed.number);
    }
    return spawned{pid, std::move(owned), in_cgroup};
}

std::size_t raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    const auto before = static_cast<std::size_t>(limit.rlim_cur);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    return before;
}

std::string find_program(const std::string& name, const std::string& path) {
    const auto runnable = [](const std::string& file) {
        struct stat about{};
        return ::stat(file.c_str(), &about) == 0 && S_ISREG(about.st_mode) &&
               ::access(file.c_str(), X_OK) == 0;
    };
    if (name.find('/') != std::string::npos) return runnable(name) ? name : "";
    std::istringstream directories(path);
    for (std::string directory; std::getline(directories, directory, ':');)
        if (!directory.empty() && runnable(directory + "/" + name)) return directory + "/" + name;
    return "";
}

}  // namespace termd::os
