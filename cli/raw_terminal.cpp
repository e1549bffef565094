#include "cli/raw_terminal.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string_view>

namespace termd::cli {
namespace {

// What a program over there may have set and not undone: mouse, paste and focus reports, cursor keys,
// keypad, a hidden cursor, colours, character set, the other screen (by 1047, which, unlike 1049,
// leaves the cursor alone when that is not shown). xterm's "Control Sequences".
constexpr std::string_view usual_modes =
    "\x1b[?9l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1004l\x1b[?1005l\x1b[?1006l\x1b[?1015l"
    "\x1b[?2004l\x1b[?1047l\x1b[?1l\x1b>\x1b[?7h\x1b[?25h\x1b(B\x0f\x1b[0m\r\n";

void put_back(const termios& before) {
    (void)!::write(STDOUT_FILENO, usual_modes.data(), usual_modes.size());
    ::tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
}

// In the child of a program without threads. A session of its own: no signal from the keyboard
// reaches it, and it may set a terminal whose job it is not.
[[noreturn]] void stand_guard(int alive, const termios& before) {
    ::setsid();
    for (const int number : {SIGHUP, SIGTERM, SIGINT, SIGQUIT, SIGTTOU}) ::signal(number, SIG_IGN);
    char word = 0;
    ssize_t got;
    do got = ::read(alive, &word, 1);
    while (got < 0 && errno == EINTR);
    if (got == 0) put_back(before);
    ::_exit(0);
}

}  // namespace

raw_terminal::raw_terminal() {
    ::tcgetattr(STDIN_FILENO, &before_);
    post_guard();
    make_raw();
}

raw_terminal::~raw_terminal() {
    give_back();
    if (guard_pid_ <= 0) return;
    (void)!::write(guard_.get(), "x", 1);
    while (::waitpid(guard_pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

void raw_terminal::make_raw() {
    auto raw = before_;
    ::cfmakeraw(&raw);
    ::tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
}

void raw_terminal::give_back() { put_back(before_); }

void raw_terminal::suspend() {
    give_back();
    ::raise(SIGSTOP);
    make_raw();
}

// Without one, for want of a descriptor or a process, everything but SIGKILL is still undone.
void raw_terminal::post_guard() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return;
    os::unique_fd alive(ends[0]);
    guard_.reset(ends[1]);
    guard_pid_ = ::fork();
    if (guard_pid_ != 0) return;
    guard_.reset();
    stand_guard(alive.get(), before_);
}

}  // namespace termd::cli
