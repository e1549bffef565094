// A session's command whose processes do what they can to stay behind. How, its one argument says:
//
//   setsid    a child in a session of its own
//   double    a grandchild in a session of its own, whose parents have gone
//   deaf      it and its child ignore HUP and TERM and whatever else can be ignored
//   stopped   a child that has stopped itself
//   chain     a process that forks its successor and ends, again and again; for half a minute, so
//             that what a failing test loses does not fill the machine
//   bare      as double, with an environment in which nothing stands
//
// Once they are in place it makes the file "stray.ready" in its directory, which is the session's.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <ctime>
#include <string_view>

namespace {

int not_yet = -1;  // open for as long as somebody is not in his place
void in_place() {
    ::close(not_yet);
}

[[noreturn]] void stay() {
    for (;;) ::pause();
}

void ignore_everything() {
    for (int number = 1; number < 32; ++number)
        if (number != SIGCHLD) ::signal(number, SIG_IGN);
}

[[noreturn]] void chain() {
    in_place();
    for (int length = 0; length < 10'000; ++length) {
        const timespec life{0, 3'000'000};
        ::nanosleep(&life, nullptr);
        if (::fork() > 0) break;
    }
    std::_Exit(0);
}

[[noreturn]] void be_a(std::string_view kind) {
    if (kind != "deaf" && kind != "stopped") ::setsid();
    if ((kind == "double" || kind == "bare") && ::fork() > 0) std::_Exit(0);
    if (kind != "setsid" && kind != "stopped") ignore_everything();
    if (kind == "chain") chain();
    if (kind == "bare") {
        char program[] = "/bin/sleep", time[] = "1000";
        char* argv[] = {program, time, nullptr};
        char* none[] = {nullptr};
        ::execve(program, argv, none);  // which closes not_yet
    }
    in_place();
    if (kind == "stopped") ::raise(SIGSTOP);
    stay();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) return 64;
    const std::string_view kind = argv[1];
    if (kind == "deaf") ignore_everything();
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return 1;
    not_yet = ends[1];
    const pid_t child = ::fork();
    if (child == 0) be_a(kind);
    in_place();
    char nothing;
    while (::read(ends[0], &nothing, 1) > 0) {
    }
    int status = 0;
    if (kind == "stopped") ::waitpid(child, &status, WUNTRACED);
    ::close(::open("stray.ready", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    stay();
}
