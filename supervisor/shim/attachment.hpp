// One attachment, from the client's side: terminal on one hand, the shim's attach socket on the
// other, bytes and window sizes copied between them.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "os/byte_stream.hpp"
#include "protocol/attach_messages.hpp"
#include "supervisor/shim/page_notices.hpp"

namespace termd::shim {

// ttyd sends nothing more when its command has ended, not even what it has read from it already.
inline constexpr std::chrono::milliseconds time_to_be_sent{100};

class attachment {
  public:
    // Standard input and output are the terminal, in raw mode. With `page`, what the person is to
    // know goes to the page and not into the terminal. Stops the loop at the end.
    attachment(boost::asio::io_context& loop, os::unique_fd socket, const std::string& token,
               std::optional<page_notices> page);
    ~attachment();
    bool session_is_over() const { return over_; }

  private:
    void greet(const std::string& token);
    void take_keys(std::string_view keys);
    void take_frames(std::string_view bytes);
    void take_frame(const protocol::frame& frame);
    void await_resize();
    void take_notice(const protocol::frame& frame);
    void take_last_word(const protocol::frame& frame);
    std::string refusal(const std::string& why, bool busy = false) const;
    void leave(const std::string& last_bytes);
    void stay(const protocol::attach::finished& last);
    void stop_soon();

    boost::asio::io_context& loop_;
    boost::asio::signal_set resized_;
    boost::asio::steady_timer last_moment_;
    std::shared_ptr<os::byte_stream> shim_, keyboard_, screen_;
    protocol::frame_reader frames_;
    std::optional<page_notices> page_;
    bool over_ = false;
    bool told_why_ = false;  // the page knows what is over
    bool leaving_ = false;
    bool staying_ = false;  // only so that the last words are not wiped away
};

}  // namespace termd::shim
