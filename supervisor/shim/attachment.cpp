#include "supervisor/shim/attachment.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <csignal>

#include "os/file.hpp"
#include "os/pipe.hpp"

namespace termd::shim {

namespace attach = protocol::attach;

namespace {

// A descriptor of its own for each direction. The terminal is opened anew so that O_NONBLOCK,
// which belongs to the open file, is not set for whoever else has it.
os::unique_fd terminal_descriptor(int standard, int access) {
    if (const char* name = ::ttyname(standard))
        if (os::unique_fd fd(::open(name, access | O_NOCTTY | O_CLOEXEC)); fd) return fd;
    os::unique_fd fd(::fcntl(standard, F_DUPFD_CLOEXEC, 3));
    if ((access & O_NONBLOCK) != 0) os::do_not_block(fd);
    return fd;
}

winsize terminal_size() {
    winsize size{};
    if (::ioctl(STDIN_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0)
        return {24, 80, 0, 0};
    return size;
}

}  // namespace

attachment::attachment(boost::asio::io_context& loop, os::unique_fd socket,
                       const std::string& token, std::optional<page_notices> page)
    : loop_(loop),
      resized_(loop, SIGWINCH),
      shim_(std::move(socket)),
      keyboard_(os::byte_stream::make(
          loop.get_executor(), terminal_descriptor(STDIN_FILENO, O_RDONLY | O_NONBLOCK))) {
    ::fcntl(shim_.get(), F_SETFL, 0);
    os::byte_stream::callbacks keyboard;
    keyboard.bytes = [this](std::string_view keys) { take_keys(keys); };
    keyboard.closed = [this] { loop_.stop(); };
    keyboard_->start(std::move(keyboard));
    await_resize();
    greet(token, page.has_value());
    os::unique_fd same(::fcntl(shim_.get(), F_DUPFD_CLOEXEC, 3));
    const auto screen = std::make_shared<display>(
        std::move(same), terminal_descriptor(STDOUT_FILENO, O_WRONLY), std::move(page));
    output_.emplace("output", [this, screen] {
        const auto last = screen->run();
        boost::asio::post(loop_, [this, last] { shown(last); });
    });
}

void attachment::greet(const std::string& token, bool notices) {
    const auto size = terminal_size();
    attach::hello hello;
    hello.token = token;
    hello.columns = size.ws_col;
    hello.rows = size.ws_row;
    hello.notices = notices;
    tell(attach::encode(attach::type::hello, hello));
}

// Waits while the command does not read what is typed; there is nothing else to do here then.
void attachment::tell(const std::string& frame) {
    if (shim_) (void)os::write_all(shim_.get(), frame);  // should it be gone, the display sees that
}

void attachment::take_keys(std::string_view keys) {
    if (last_.stays && keys.find('\r') != keys.npos) loop_.stop();
    constexpr std::size_t piece = attach::largest_input / 2;
    for (; !keys.empty(); keys.remove_prefix(std::min(piece, keys.size())))
        tell(attach::encode_bytes(attach::type::input, keys.substr(0, piece)));
}

void attachment::await_resize() {
    resized_.async_wait([this](boost::system::error_code cancelled, int) {
        if (cancelled) return;
        const auto size = terminal_size();
        attach::resize message;
        message.columns = size.ws_col;
        message.rows = size.ws_row;
        tell(attach::encode(attach::type::resize, message));
        await_resize();
    });
}

void attachment::shown(display::outcome last) {
    last_ = last;
    shim_.reset();
    if (!last.stays) loop_.stop();
}

}  // namespace termd::shim
