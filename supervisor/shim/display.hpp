// What the shim sends, shown: one attachment's way from the socket to the terminal. It waits for both,
// and so has a thread of its own: the kernel cuts what a terminal takes into small pieces, and a loop
// would be woken for each of them.
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "os/unique_fd.hpp"
#include "protocol/attach_messages.hpp"
#include "supervisor/shim/page_notices.hpp"

namespace termd::shim {

// ttyd sends nothing more when its command has ended, not even what it has read from it already.
inline constexpr std::chrono::milliseconds time_to_be_sent{100};
// A page hangs up when it has been told that all is over, which is how we know that it was.
inline constexpr std::chrono::milliseconds time_to_hang_up{500};

class display {
  public:
    // Neither descriptor is non-blocking. With `page`, what the person is to know goes to the page and not into the terminal.
    display(os::unique_fd socket, os::unique_fd terminal, std::optional<page_notices> page,
            std::chrono::milliseconds to_hang_up = time_to_hang_up)
        : socket_(std::move(socket)),
          terminal_(std::move(terminal)),
          page_(std::move(page)),
          to_hang_up_(to_hang_up) {}

    struct outcome {
        bool over = false;   // the session is, or somebody took it over
        bool stays = false;  // the last words are to be seen until somebody has read them
    };
    // Until there is nothing more to show and it has had the time to arrive, or nobody to show it to.
    // The socket is shut down then, for whoever else has it, too.
    outcome run();

  private:
    void follow();
    std::string_view read();  // empty: the shim has gone, or the terminal
    bool show(const protocol::frame& frame);  // false for the last one
    void show(std::string_view bytes);
    void show_notice(const protocol::frame& frame);
    void show_last_word(const protocol::frame& frame);
    void let_it_arrive() const;
    std::string refusal(const std::string& why, bool busy = false) const;

    os::unique_fd socket_, terminal_;
    std::optional<page_notices> page_;
    std::chrono::milliseconds to_hang_up_;
    std::array<char, 64 << 10> read_;  // only what is used of it becomes memory
    protocol::frame_reader frames_;
    bool told_why_ = false;  // the page knows what is over
    outcome outcome_;
};

}  // namespace termd::shim
