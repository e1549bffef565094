#include "cli/screen.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <string>

#include "os/file.hpp"

namespace termd::cli {
namespace {

// xterm's control sequences, which every terminal of today knows.
constexpr std::string_view other_screen = "\x1b[?1049h\x1b[?25l";  // and no cursor
constexpr std::string_view usual_screen = "\x1b[?25h\x1b[?1049l";
constexpr std::string_view home = "\x1b[H", rest_of_line = "\x1b[K", rest_of_screen = "\x1b[J";

void put(std::string_view text) {
    // Should it be gone, who waits for keys and signals will see it.
    (void)os::write_all(STDOUT_FILENO, text);
}

}  // namespace

screen_size size_of_screen() {
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0)
        return {};
    return {size.ws_col, size.ws_row};
}

void screen::enter() {
    has_keys_ = ::tcgetattr(STDIN_FILENO, &before_) == 0;
    if (has_keys_) {
        auto raw = before_;
        raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);  // Ctrl-C stays a signal
        raw.c_cc[VMIN] = 1;
        raw.c_cc[VTIME] = 0;
        ::tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
    }
    put(other_screen);
}

void screen::leave() {
    put(usual_screen);
    if (has_keys_) ::tcsetattr(STDIN_FILENO, TCSADRAIN, &before_);
}

void screen::draw(std::string_view text) {
    std::string out(home);
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find('\n', at), text.size());
        out.append(text.substr(at, end - at)) += rest_of_line;
        at = end + 1;
        if (at < text.size()) out += "\r\n";
    }
    put(out.append(rest_of_screen));
}

void screen::stop() {
    leave();
    ::raise(SIGSTOP);
    enter();
}

}  // namespace termd::cli
