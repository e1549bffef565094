#include "supervisor/shim/display.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "os/file.hpp"

namespace termd::shim {

namespace attach = protocol::attach;

// The other thread may be waiting for the shim to take keys, and the shim must see that nobody is here.
display::outcome display::run() {
    follow();
    if (!outcome_.stays) let_it_arrive();
    ::shutdown(socket_.get(), SHUT_RDWR);
    return outcome_;
}

void display::follow() {
    for (auto bytes = read(); !bytes.empty(); bytes = read()) {
        frames_.add(bytes);
        while (const auto frame = frames_.next())
            if (!show(*frame)) return;
        if (frames_.broken()) return show(refusal("the session cannot be understood"));
    }
    const std::string why = "the session cannot be reached any more";
    show(page_ ? page_->lost(why) : attach::as_line(why));
}

std::string_view display::read() {
    ssize_t got = -1;
    do got = terminal_ ? ::read(socket_.get(), read_.data(), read_.size()) : 0;
    while (got < 0 && errno == EINTR);
    return {read_.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
}

bool display::show(const protocol::frame& frame) {
    switch (attach::type_of(frame)) {
        case attach::type::output: show(frame.payload); return true;
        case attach::type::refused: {
            const auto m = protocol::from_fields<attach::refused>(frame.payload);
            show(m ? refusal(m->why, m->busy) : refusal("refused"));
            return false;
        }
        case attach::type::welcome: {
            const auto m = protocol::from_fields<attach::welcome>(frame.payload);
            if (m && page_) show(page_->attached(m->as));
            return true;
        }
        case attach::type::notice: show_notice(frame); return true;
        case attach::type::finished: show_last_word(frame); return false;
        default: return true;  // what a newer shim may say
    }
}

void display::show(std::string_view bytes) {
    if (terminal_ && !os::write_all(terminal_.get(), bytes)) terminal_.reset();  // ttyd has gone
}

void display::show_notice(const protocol::frame& frame) {
    const auto m = protocol::from_fields<attach::notice>(frame.payload);
    if (!m || !page_) return;
    using kind = attach::notice::kind;
    told_why_ = m->what == kind::ended || m->what == kind::taken_over || m->what == kind::dropped;
    show(page_->of(*m));
}

// ttyd's own page comes back at once when termd-attach ends: ttyd 1.7.7 with libwebsockets 4.3 gives it
// no close code. It would wipe away what it shows, and two windows would take a session from each other
// for ever. So there this stays until somebody wants it back, or ttyd goes.
void display::show_last_word(const protocol::frame& frame) {
    auto m = protocol::from_fields<attach::finished>(frame.payload);
    if (!m) m.emplace().why = "session ended";
    outcome_ = {true, !page_};
    if (!page_)
        show(attach::as_line(m->why + (m->may_return ? " – press Return to come back" : "")));
    else if (!told_why_)
        show(page_->over(m->why));  // an older shim sends no notices
}

void display::let_it_arrive() const {
    if (!terminal_) return;
    using clock = std::chrono::steady_clock;
    const auto until = clock::now() + (outcome_.over ? to_hang_up_ : time_to_be_sent);
    pollfd terminal{terminal_.get(), 0, 0};  // POLLHUP needs no asking for (poll(2))
    for (auto now = clock::now(); now < until; now = clock::now()) {  // poll() may be interrupted
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - now);
        if (::poll(&terminal, 1, static_cast<int>(left.count())) > 0) return;
    }
}

std::string display::refusal(const std::string& why, bool busy) const {
    return page_ ? page_->refused(why, busy) : attach::as_line(why);
}

}  // namespace termd::shim
