// One attachment, from the client's side: terminal on one hand, the shim's attach socket on the
// other, bytes and window sizes copied between them.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <string>

#include "os/byte_stream.hpp"
#include "protocol/attach_messages.hpp"

namespace termd::shim {

class attachment {
  public:
    // Standard input and output are the terminal, in raw mode. Stops the loop at the end.
    attachment(boost::asio::io_context& loop, os::unique_fd socket, const std::string& token);
    ~attachment();
    bool session_is_over() const { return over_; }

  private:
    void greet(const std::string& token);
    void take_keys(std::string_view keys);
    void take_frames(std::string_view bytes);
    void take_frame(const protocol::frame& frame);
    void await_resize();
    void leave(const std::string& last_line);
    void stop_soon();

    boost::asio::io_context& loop_;
    boost::asio::signal_set resized_;
    boost::asio::steady_timer last_moment_;
    std::shared_ptr<os::byte_stream> shim_, keyboard_, screen_;
    protocol::frame_reader frames_;
    bool over_ = false;
    bool leaving_ = false;
};

}  // namespace termd::shim
