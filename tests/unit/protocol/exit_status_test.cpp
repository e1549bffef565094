#include "protocol/exit_status.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <string>

using namespace termd::protocol;

TEST_CASE("every signal of signal(7) has its name without the SIG and reads back") {
    struct row {
        int number;
        const char* name;
    };
    constexpr row table[] = {
        {SIGHUP, "HUP"},       {SIGINT, "INT"},       {SIGQUIT, "QUIT"},   {SIGILL, "ILL"},
        {SIGTRAP, "TRAP"},     {SIGABRT, "ABRT"},     {SIGBUS, "BUS"},     {SIGFPE, "FPE"},
        {SIGKILL, "KILL"},     {SIGUSR1, "USR1"},     {SIGSEGV, "SEGV"},   {SIGUSR2, "USR2"},
        {SIGPIPE, "PIPE"},     {SIGALRM, "ALRM"},     {SIGTERM, "TERM"},   {16, "STKFLT"},
        {SIGCHLD, "CHLD"},     {SIGCONT, "CONT"},     {SIGSTOP, "STOP"},   {SIGTSTP, "TSTP"},
        {SIGTTIN, "TTIN"},     {SIGTTOU, "TTOU"},     {SIGURG, "URG"},     {SIGXCPU, "XCPU"},
        {SIGXFSZ, "XFSZ"},     {SIGVTALRM, "VTALRM"}, {SIGPROF, "PROF"},   {SIGWINCH, "WINCH"},
        {SIGIO, "POLL"},       {SIGPWR, "PWR"},       {SIGSYS, "SYS"},
    };
    int expected = 1;
    for (const auto& row : table) {
        CHECK(row.number == expected++);  // 1 to 31, none left out
        CHECK(signal_name(row.number) == row.name);
        CHECK(signal_number(row.name) == row.number);
    }
    CHECK(expected == 32);
}

TEST_CASE("a signal without a name goes by its number") {
    for (int number = 32; number < NSIG; ++number) {
        CHECK(signal_name(number) == std::to_string(number));
        CHECK(signal_number(std::to_string(number)) == number);
    }
}

TEST_CASE("what is no signal's name is not understood") {
    for (const char* word : {"", "SIGKILL", "kill", "KILL ", "0", "-9", "9", "65", "100", "IO"})
        CHECK_MESSAGE(!signal_number(word), std::string(word));
}

TEST_CASE("the end of a process is told in words") {
    CHECK(describe({exit_status::kind::code, 0}) == "exited with code 0");
    CHECK(describe({exit_status::kind::code, 255}) == "exited with code 255");
    CHECK(describe({exit_status::kind::signal, SIGKILL}) == "was killed by signal KILL");
    CHECK(describe({exit_status::kind::signal, 64}) == "was killed by signal 64");
}
