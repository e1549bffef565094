#include "tests/platform/recycling.hpp"

#include <dlfcn.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdint>

#include "tests/platform/helpers.hpp"

namespace termd::test {
namespace {

constexpr char born = 'b', not_born = 'n', end = 'e', lives = 'l', killed = 'k';

struct birth {
    char what = not_born;
    int error_number = 0;
};

template <class Call>
Call* next(const char* name) {
    return reinterpret_cast<Call*>(::dlsym(RTLD_NEXT, name));
}

bool receive(int line, void* to, std::size_t size) {
    return ::recv(line, to, size, MSG_WAITALL) == static_cast<ssize_t>(size);
}

void tell(int line, const void* what, std::size_t size) {
    (void)!::send(line, what, size, MSG_NOSIGNAL);
}

// Does nothing but answer that it lives.
[[noreturn]] void be_innocent(int line) {
    ::setsid();
    const birth here{born, 0};
    tell(line, &here, sizeof here);
    char what = 0;
    if (receive(line, &what, 1)) tell(line, &lives, 1);
    ::_exit(0);
}

// The question that a killed one cannot answer is answered for it.
void look_after(pid_t innocent, int line) {
    int status = 0;
    ::waitpid(innocent, &status, 0);
    char asked = 0;
    if (status != 0 && receive(line, &asked, 1)) tell(line, &killed, 1);
}

// As fork(2), with a number of our choice.
pid_t fork_as(pid_t number) {
    clone_args plan{};
    plan.exit_signal = SIGCHLD;
    plan.set_tid = reinterpret_cast<std::uintptr_t>(&number);
    plan.set_tid_size = 1;
    return static_cast<pid_t>(::syscall(SYS_clone3, &plan, sizeof plan));
}

[[noreturn]] void run_nursery(int line) {
    pid_t number = 0;
    while (receive(line, &number, sizeof number)) {
        const auto pid = fork_as(number);
        if (pid == 0) be_innocent(line);
        const birth none{not_born, errno};
        pid > 0 ? look_after(pid, line) : tell(line, &none, sizeof none);
    }
    ::_exit(0);
}

void announce(std::string_view name) {
    if (!before_call) return;
    const auto call = std::exchange(before_call, nullptr);
    call(name);
    if (!before_call) before_call = call;
}

}  // namespace

std::function<void(std::string_view)> before_call;

nursery::nursery() {
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    line_.reset(ends[0]);
    const os::unique_fd far(ends[1]);
    const pid_t between = ::fork();
    REQUIRE(between >= 0);
    if (between == 0) {
        ::close(ends[0]);
        if (::fork() == 0) run_nursery(far.get());
        ::_exit(0);  // so that the nursery is somebody else's
    }
    ::waitpid(between, nullptr, 0);
}

nursery::~nursery() = default;

bool nursery::bear(pid_t number) {
    birth outcome;
    tell(line_.get(), &number, sizeof number);
    REQUIRE(receive(line_.get(), &outcome, sizeof outcome));
    errno = outcome.error_number;
    return outcome.what == born;
}

bool nursery::innocent_lives() {
    char answer = killed;
    tell(line_.get(), &end, 1);
    REQUIRE(receive(line_.get(), &answer, 1));
    return answer == lives;
}

pid_t bear_here(pid_t number) {
    const pid_t pid = fork_as(number);
    if (pid != 0) return pid;
    ::setsid();
    ::fork();
    for (;;) ::pause();
}

void kill_and_reap(pid_t child) {
    next<decltype(::kill)>("kill")(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
}

}  // namespace termd::test

extern "C" {

// As many as there can be are passed on, though most callers give fewer: as the kernel's own entry does.
__attribute__((no_sanitize("address", "undefined"))) long syscall(long number, ...) noexcept {
    long a[6];
    va_list list;
    va_start(list, number);
    for (long& one : a) one = va_arg(list, long);
    va_end(list);
    if (number == SYS_pidfd_open) termd::test::announce("pidfd_open");
    if (number == SYS_pidfd_send_signal) termd::test::announce("pidfd_send_signal");
    static auto* const real = termd::test::next<decltype(::syscall)>("syscall");
    return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

pid_t getpgid(pid_t pid) noexcept {
    termd::test::announce("getpgid");
    return static_cast<pid_t>(::syscall(SYS_getpgid, pid));
}

pid_t getsid(pid_t pid) noexcept {
    termd::test::announce("getsid");
    return static_cast<pid_t>(::syscall(SYS_getsid, pid));
}

int kill(pid_t pid, int signal) noexcept {
    termd::test::announce("kill");
    return static_cast<int>(::syscall(SYS_kill, pid, signal));
}
}
