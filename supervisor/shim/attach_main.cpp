// termd-attach: carries one browser connection. ttyd starts it in the session's directory with the
// token as its single argument; it proves the token to the shim and then copies bytes and window
// sizes between its terminal and the session.
//
// Exit status: 0 only when the session is over or somebody took it over, so that a page knows when
// to stop trying; 1 for everything else.
#include <termios.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <csignal>
#include <cstring>
#include <exception>
#include <string>

#include "os/socket.hpp"
#include "supervisor/shim/attachment.hpp"

namespace {

using namespace termd;

// /proc/PID/cmdline is readable for every user of the machine: the token must not stay there.
std::string take_token(int argc, char** argv) {
    if (argc != 2) return {};
    std::string token = argv[1];
    ::explicit_bzero(argv[1], token.size());
    return token;
}

int say(const std::string& text) {
    const std::string line = "\r\n\x1b[7m termd: " + text + " \x1b[0m\r\n";
    (void)!::write(STDOUT_FILENO, line.data(), line.size());
    return 1;
}

void make_raw(int terminal) {
    termios settings{};
    if (::tcgetattr(terminal, &settings) != 0) return;
    ::cfmakeraw(&settings);
    ::tcsetattr(terminal, TCSANOW, &settings);
}

int run(std::string token) {
    ::signal(SIGPIPE, SIG_IGN);
    if (token.empty()) return say("this page needs the link that was given out with the session");
    auto socket = os::connect_unix("attach.sock");
    if (!socket) return say("the session is over");
    make_raw(STDIN_FILENO);
    boost::asio::io_context loop(1);
    shim::attachment attached(loop, std::move(*socket), token);
    ::explicit_bzero(token.data(), token.size());
    loop.run();
    return attached.session_is_over() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    std::string token = take_token(argc, argv);
    try {
        return run(std::move(token));
    } catch (const std::exception& e) {
        return say(e.what());
    }
}
