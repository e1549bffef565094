// Stands before libc's syscall(2) in programs that run under a Valgrind which knows no pidfds (those
// before 3.21 refuse pidfd_open and pidfd_send_signal with ENOSYS): a directory of /proc is as good a
// name for a process, as long as nobody's number is used again during a test.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

int open_process(long pid) {
    char path[32];
    std::snprintf(path, sizeof path, "/proc/%ld", pid);
    const int fd = ::open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) errno = ESRCH;
    return fd;
}

// The number after `words` in what the file says; 0 when it is not there.
pid_t number_after(const char* words, const char* text) {
    const char* at = std::strstr(text, words);
    return at == nullptr ? 0 : std::atoi(at + std::strlen(words));
}

// Of one of ours, and of those that come with clone(2).
pid_t process_of(long fd) {
    char path[48], text[512] = "";
    std::snprintf(path, sizeof path, "/proc/self/fd/%ld", fd);
    if (::readlink(path, text, sizeof text - 1) < 0) return 0;
    if (const pid_t pid = number_after("/proc/", text)) return pid;
    std::snprintf(path, sizeof path, "/proc/self/fdinfo/%ld", fd);
    const int info = ::open(path, O_RDONLY | O_CLOEXEC);
    std::memset(text, 0, sizeof text);
    const auto got = ::read(info, text, sizeof text - 1);
    ::close(info);
    return got > 0 ? number_after("Pid:\t", text) : 0;
}

int send(long fd, long signal) {
    const pid_t pid = process_of(fd);
    if (pid > 0) return ::kill(pid, static_cast<int>(signal));
    errno = ESRCH;
    return -1;
}

}  // namespace

extern "C" long syscall(long number, ...) noexcept {
    long a[6];
    va_list list;
    va_start(list, number);
    for (long& one : a) one = va_arg(list, long);
    va_end(list);
    if (number == SYS_pidfd_open) return open_process(static_cast<int>(a[0]));
    if (number == SYS_pidfd_send_signal) return send(static_cast<int>(a[0]), a[1]);
    static auto* const real = reinterpret_cast<decltype(::syscall)*>(::dlsym(RTLD_NEXT, "syscall"));
    return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
