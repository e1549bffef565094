#include "cli/waiting.hpp"

#include <poll.h>
#include <pthread.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <limits>

namespace termd::cli {
namespace {

constexpr std::array told{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGTSTP};

sigset_t told_signals() {
    sigset_t set;
    ::sigemptyset(&set);
    for (const int signal : told) ::sigaddset(&set, signal);
    return set;
}

int poll_time(const std::optional<milliseconds>& most) {
    if (!most) return -1;
    return static_cast<int>(
        std::clamp<std::int64_t>(most->count(), 0, std::numeric_limits<int>::max()));
}

}  // namespace

watch::watch() {
    const auto set = told_signals();
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
    signals_.reset(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

// What came and was not asked for any more has been answered by ending.
watch::~watch() {
    woken rest;
    read_signals(rest);
    const auto set = told_signals();
    ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

void watch::read_signals(woken& out) {
    signalfd_siginfo signal{};
    while (::read(signals_.get(), &signal, sizeof signal) == sizeof signal) {
        const auto number = static_cast<int>(signal.ssi_signo);
        if (number == SIGWINCH)
            out.resized = true;
        else if (number == SIGTSTP)
            out.stopped = true;
        else
            out.ended = true;
    }
}

woken watch::wait(int news, bool keys, std::optional<milliseconds> most, bool to_send) {
    // A pipe that nobody reads any more is an error of its writing side; nothing else is asked of
    // it.
    std::array<pollfd, 4> all{pollfd{signals_.get(), POLLIN, 0}, pollfd{STDOUT_FILENO, 0, 0},
                              pollfd{news, static_cast<short>(to_send ? POLLIN | POLLOUT : POLLIN), 0},
                              pollfd{keys ? STDIN_FILENO : -1, POLLIN, 0}};
    woken out;
    if (::poll(all.data(), all.size(), poll_time(most)) <= 0) return out;
    if (all[0].revents != 0) read_signals(out);
    if ((all[1].revents & (POLLERR | POLLHUP)) != 0) out.ended = true;
    out.news = (all[2].revents & ~POLLOUT) != 0;
    out.room = (all[2].revents & POLLOUT) != 0;
    out.key = all[3].revents != 0;
    return out;
}

}  // namespace termd::cli
