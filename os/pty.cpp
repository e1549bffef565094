#include "os/pty.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>

#include <cerrno>
#include <cstdlib>

namespace termd::os {

result<pty> open_pty(window_size size) {
    pty out;
    out.master.reset(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK));
    if (!out.master) return system_error("cannot open a pseudoterminal", errno);
    if (::grantpt(out.master.get()) != 0 || ::unlockpt(out.master.get()) != 0)
        return system_error("cannot unlock a pseudoterminal", errno);
    // By the master rather than by a path: /dev/pts may be another instance's (ioctl_tty(2)).
    out.slave.reset(::ioctl(out.master.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
    if (!out.slave) return system_error("cannot open a terminal", errno);
    set_window_size(out.master.get(), size);
    termios settings{};
    if (::tcgetattr(out.slave.get(), &settings) == 0) {
        settings.c_iflag |= IUTF8;  // so that erase takes a whole character
        ::tcsetattr(out.slave.get(), TCSANOW, &settings);
    }
    return out;
}

void set_window_size(int terminal, window_size size) {
    winsize raw{};
    raw.ws_col = static_cast<unsigned short>(size.columns);
    raw.ws_row = static_cast<unsigned short>(size.rows);
    ::ioctl(terminal, TIOCSWINSZ, &raw);
}

}  // namespace termd::os
