#include "supervisor/shim/attachment.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <csignal>

namespace termd::shim {

namespace attach = protocol::attach;

namespace {

constexpr std::size_t most_waiting = 256 << 10;

// A descriptor of its own for each direction. The terminal is opened anew so that O_NONBLOCK,
// which belongs to the open file, is not set for whoever else has it.
os::unique_fd terminal_descriptor(int standard, int access) {
    if (const char* name = ::ttyname(standard))
        if (os::unique_fd fd(::open(name, access | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)); fd)
            return fd;
    os::unique_fd fd(::fcntl(standard, F_DUPFD_CLOEXEC, 3));
    ::fcntl(fd.get(), F_SETFL, ::fcntl(fd.get(), F_GETFL) | O_NONBLOCK);
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
      last_moment_(loop),
      shim_(os::byte_stream::make(loop.get_executor(), std::move(socket))),
      keyboard_(os::byte_stream::make(loop.get_executor(),
                                      terminal_descriptor(STDIN_FILENO, O_RDONLY))),
      screen_(os::byte_stream::make(loop.get_executor(),
                                    terminal_descriptor(STDOUT_FILENO, O_WRONLY))),
      page_(std::move(page)) {
    os::byte_stream::callbacks shim;
    shim.bytes = [this](std::string_view bytes) { take_frames(bytes); };
    shim.closed = [this] {
        const std::string why = "the session cannot be reached any more";
        leave(page_ ? page_->lost(why) : attach::as_line(why));
    };
    shim.drained = [this] { keyboard_->resume_reading(); };
    shim_->start(std::move(shim));
    os::byte_stream::callbacks keyboard;
    keyboard.bytes = [this](std::string_view keys) { take_keys(keys); };
    keyboard.closed = [this] { loop_.stop(); };
    keyboard_->start(std::move(keyboard));
    os::byte_stream::callbacks screen;
    screen.drained = [this] {
        if (leaving_) return stop_soon();
        if (staying_) return;
        shim_->resume_reading();
    };
    screen.closed = [this] { loop_.stop(); };
    screen_->pause_reading();  // the keyboard reads
    screen_->start(std::move(screen));
    await_resize();
    greet(token);
}

attachment::~attachment() {
    for (const auto& stream : {shim_, keyboard_, screen_}) stream->close();
}

void attachment::greet(const std::string& token) {
    const auto size = terminal_size();
    attach::hello hello;
    hello.token = token;
    hello.columns = size.ws_col;
    hello.rows = size.ws_row;
    hello.notices = page_.has_value();
    shim_->write(attach::encode(attach::type::hello, hello));
}

void attachment::take_keys(std::string_view keys) {
    if (staying_) {
        if (keys.find('\r') != keys.npos) loop_.stop();
        return;
    }
    constexpr std::size_t piece = attach::largest_input / 2;
    for (; !keys.empty(); keys.remove_prefix(std::min(piece, keys.size())))
        shim_->write(attach::encode_bytes(attach::type::input, keys.substr(0, piece)));
    if (shim_->queued() > most_waiting) keyboard_->pause_reading();
}

void attachment::take_frames(std::string_view bytes) {
    frames_.add(bytes);
    while (const auto frame = frames_.next()) {
        take_frame(*frame);
        if (leaving_ || staying_) return;
    }
    if (frames_.broken()) leave(refusal("the session cannot be understood"));
}

void attachment::take_frame(const protocol::frame& frame) {
    switch (attach::type_of(frame)) {
        case attach::type::output:
            screen_->write(frame.payload);
            if (screen_->queued() > most_waiting) shim_->pause_reading();
            return;
        case attach::type::refused: {
            const auto m = protocol::from_fields<attach::refused>(frame.payload);
            return leave(m ? refusal(m->why, m->busy) : refusal("refused"));
        }
        case attach::type::welcome: {
            const auto m = protocol::from_fields<attach::welcome>(frame.payload);
            if (m && page_) screen_->write(page_->attached(m->as));
            return;
        }
        case attach::type::notice: return take_notice(frame);
        case attach::type::finished: return take_last_word(frame);
        default: return;  // what a newer shim may say
    }
}

void attachment::take_notice(const protocol::frame& frame) {
    const auto m = protocol::from_fields<attach::notice>(frame.payload);
    if (!m || !page_) return;
    using kind = attach::notice::kind;
    told_why_ = m->what == kind::ended || m->what == kind::taken_over || m->what == kind::dropped;
    screen_->write(page_->of(*m));
}

void attachment::take_last_word(const protocol::frame& frame) {
    over_ = true;
    auto m = protocol::from_fields<attach::finished>(frame.payload);
    if (!m) m.emplace().why = "session ended";
    if (!page_) return stay(*m);
    leave(told_why_ ? "" : page_->over(m->why));  // an older shim sends no notices
}

// ttyd's own page comes back at once when this ends: ttyd 1.7.7 with libwebsockets 4.3 gives it no
// close code. It would wipe away what it shows, and two windows would take a session from each other
// for ever. So this waits until somebody wants it back, or ttyd goes.
void attachment::stay(const attach::finished& last) {
    staying_ = true;
    screen_->write(attach::as_line(
        last.why + (last.may_return ? " – press Return to come back" : "")));
    shim_->close();
}

std::string attachment::refusal(const std::string& why, bool busy) const {
    return page_ ? page_->refused(why, busy) : attach::as_line(why);
}

void attachment::await_resize() {
    resized_.async_wait([this](boost::system::error_code cancelled, int) {
        if (cancelled) return;
        const auto size = terminal_size();
        attach::resize message;
        message.columns = size.ws_col;
        message.rows = size.ws_row;
        shim_->write(attach::encode(attach::type::resize, message));
        await_resize();
    });
}

// The last output may still wait for a slow browser: it goes out first.
void attachment::leave(const std::string& last_bytes) {
    if (leaving_) return;
    leaving_ = true;
    screen_->write(last_bytes);
    shim_->close();
    keyboard_->close();
    if (screen_->queued() == 0) stop_soon();
}

void attachment::stop_soon() {
    last_moment_.expires_after(time_to_be_sent);
    last_moment_.async_wait([this](boost::system::error_code cancelled) {
        if (!cancelled) loop_.stop();
    });
}

}  // namespace termd::shim
