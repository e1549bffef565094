#include "cli/attached.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>

#include "cli/escape_keys.hpp"
#include "cli/raw_terminal.hpp"
#include "cli/screen.hpp"
#include "cli/waiting.hpp"
#include "common/text.hpp"
#include "os/file.hpp"
#include "protocol/attach_messages.hpp"

namespace termd::cli {
namespace {

namespace attach = protocol::attach;

// More is not read from the keyboard while so much waits: the session does not take it.
constexpr std::size_t most_waiting = 64 << 10;

constexpr std::string_view help =
    "\r\ntermctl, after Enter:\r\n"
    "  ~.   detach; the session goes on\r\n"
    "  ~^Z  suspend\r\n"
    "  ~~   send ~\r\n"
    "  ~?   this\r\n";

// Blocks: a terminal takes what it is sent, and until it has, nothing more is read for it.
void show(std::string_view bytes) {
    (void)os::write_all(STDOUT_FILENO, bytes);  // should it be gone, the watch sees that
}

class attachment {
  public:
    attachment(connection on, std::string arrived, std::optional<char> escape)
        : on_(std::move(on)), arrived_(std::move(arrived)), escape_(escape) {
        greet();
    }

    attached_end stay() {
        while (true) {
            if (auto end = take_frames()) return *end;
            const auto why = signals_.wait(on_.descriptor(), to_send_.size() < most_waiting,
                                           std::nullopt, !to_send_.empty());
            if (why.ended) return {attached_end::how::told};
            if (why.stopped) suspend();
            if (why.resized || why.stopped) tell_size();
            if (why.key)
                if (auto end = take_keys()) return *end;
            if (const auto sent = on_.send_now(to_send_); !sent) return lost();
            if (why.news)
                if (auto end = take_news()) return *end;
        }
    }

  private:
    static attached_end lost() { return {attached_end::how::lost}; }

    void greet() {
        const auto size = size_of_screen();
        attach::hello hello;
        hello.columns = size.columns;
        hello.rows = size.rows;
        to_send_ += attach::encode(attach::type::hello, hello);
        (void)on_.send_now(to_send_);
    }

    void tell_size() {
        const auto size = size_of_screen();
        attach::resize message;
        message.columns = size.columns;
        message.rows = size.rows;
        to_send_ += attach::encode(attach::type::resize, message);
    }

    void suspend() {
        terminal_.suspend();
        show("\x1b[2J\x1b[H");  // what the shell wrote meanwhile; the session paints itself anew
    }

    std::optional<attached_end> take_keys() {
        std::array<char, 4096> typed;
        const auto got = ::read(STDIN_FILENO, typed.data(), typed.size());
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) return std::nullopt;
        if (got <= 0) return attached_end{attached_end::how::told};
        std::string_view rest(typed.data(), static_cast<std::size_t>(got));
        while (!rest.empty()) {
            auto taken = escape_.take(rest);
            if (!taken.keys.empty())
                to_send_ += attach::encode_bytes(attach::type::input, taken.keys);
            if (taken.wants == escape_keys::wish::detach)
                return attached_end{attached_end::how::detached};
            if (taken.wants == escape_keys::wish::help) show(help);
            if (taken.wants == escape_keys::wish::suspend) {
                suspend();
                tell_size();
            }
            rest = taken.rest;
        }
        return std::nullopt;
    }

    std::optional<attached_end> take_news() {
        const auto got = on_.receive_now(arrived_);
        if (!got) return lost();
        if (*got != arrival::end) return std::nullopt;
        auto end = take_frames();
        return end ? end : lost();
    }

    std::optional<attached_end> take_frames() {
        frames_.add(arrived_);
        arrived_.clear();
        while (const auto frame = frames_.next())
            if (auto end = take(*frame)) return end;
        if (frames_.broken()) return lost();
        return std::nullopt;
    }

    std::optional<attached_end> take(const protocol::frame& frame) {
        switch (attach::type_of(frame)) {
            case attach::type::output:
                show(frame.payload);
                return std::nullopt;
            case attach::type::refused: {
                const auto m = protocol::from_fields<attach::refused>(frame.payload);
                return attached_end{attached_end::how::refused, m ? escape_untrusted(m->why) : ""};
            }
            case attach::type::finished: {
                const auto m = protocol::from_fields<attach::finished>(frame.payload);
                return attached_end{attached_end::how::over, m ? escape_untrusted(m->why) : ""};
            }
            default: return std::nullopt;  // what a newer termd may say
        }
    }

    connection on_;
    std::string arrived_, to_send_;
    protocol::frame_reader frames_;
    escape_keys escape_;
    watch signals_;
    raw_terminal terminal_;
};

}  // namespace

attached_end stay_attached(connection on, std::string arrived, std::optional<char> escape) {
    return attachment(std::move(on), std::move(arrived), escape).stay();
}

}  // namespace termd::cli
