// termd-attach: carries one browser connection. ttyd starts it in the session's directory with the
// token as its single argument; it proves the token to the shim and then copies bytes and window
// sizes between its terminal and the session.
//
// Exit status: 0 only when the session is over or somebody took it over, so that a page knows when
// to stop trying; 1 for everything else.
#include <termios.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <optional>
#include <string>
#include <thread>

#include "common/ids.hpp"
#include "os/entropy.hpp"
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

// termd's page asks for notices by this; it comes from termd through ttyd.
std::optional<shim::page_notices> page() {
    if (std::getenv("TERMD_NOTICES") == nullptr) return std::nullopt;
    std::array<std::uint8_t, 16> random{};
    os::fill_random(random);
    return shim::page_notices(to_hex(random));
}

int say(const std::string& bytes) {
    (void)!::write(STDOUT_FILENO, bytes.data(), bytes.size());
    std::this_thread::sleep_for(shim::time_to_be_sent);
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
    auto told = page();
    if (token.empty()) {
        const std::string why = "this page needs the link that was given out with the session";
        return say(told ? told->refused(why) : protocol::attach::as_line(why));
    }
    auto socket = os::connect_unix("attach.sock");
    if (!socket) {
        const std::string why = "the session is over";
        return say(told ? told->over(why) : protocol::attach::as_line(why));
    }
    make_raw(STDIN_FILENO);
    // Neither is ever destroyed: the display may be in the middle of something.
    auto& loop = *new boost::asio::io_context;
    const auto* attached = new shim::attachment(loop, std::move(*socket), token, std::move(told));
    ::explicit_bzero(token.data(), token.size());
    loop.run();
    std::_Exit(attached->session_is_over() ? 0 : 1);
}

}  // namespace

int main(int argc, char** argv) {
    std::string token = take_token(argc, argv);
    try {
        return run(std::move(token));
    } catch (const std::exception& e) {
        return say(protocol::attach::as_line(e.what()));
    }
}
