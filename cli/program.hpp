// Running another program to hear what it says: ttyd --version, ssh -V, termd --check-config. The
// facade in front of Boost.Process v2, whose templates stay in program.cpp. Its default launcher
// closes no descriptors of the caller, so whatever termctl opens is close-on-exec; that the
// launcher blocks for the time of a fork is nothing to a program that has one thing to do.
#pragma once

#include <string>
#include <vector>

#include "cli/failure.hpp"
#include "common/time.hpp"

namespace termd::cli {

struct program_end {
    int code = 0;        // of exit(3); 128 and the number of the signal otherwise
    std::string output;  // what it wrote to standard output, at most 1 MiB
    std::string errors;  // and to standard error
};

// Runs `path` (no search) with these arguments, standard input from /dev/null, in termctl's own
// environment. One that takes longer than `timeout`, which includes whatever keeps its output open,
// is killed: exit_code::timed_out. One that cannot be started: exit_code::refused.
outcome<program_end> run_program(const std::string& path, const std::vector<std::string>& arguments,
                                 milliseconds timeout);

// termd's program of the same installation as this termctl: beside the build, in ../sbin, or along
// PATH. "" when there is none.
std::string find_termd();

}  // namespace termd::cli
