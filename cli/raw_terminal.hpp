// The terminal that somebody sits at, given over to a session: raw, so that every key goes there. It
// comes back the way it was whatever ends this program, SIGKILL too: a small process waits for that.
#pragma once

#include <sys/types.h>
#include <termios.h>

#include "os/unique_fd.hpp"

namespace termd::cli {

class raw_terminal {
  public:
    // Standard input and output must be terminals.
    raw_terminal();
    ~raw_terminal();
    raw_terminal(const raw_terminal&) = delete;
    raw_terminal& operator=(const raw_terminal&) = delete;

    // As a shell's job does for Ctrl-Z: gives the terminal back and stops, until it is continued.
    void suspend();

  private:
    void make_raw();
    void give_back();
    void post_guard();

    termios before_{};
    os::unique_fd guard_;  // its end of file tells the guard that we are gone
    pid_t guard_pid_ = -1;
};

}  // namespace termd::cli
