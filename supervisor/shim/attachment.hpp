// One attachment, from the client's side: terminal on one hand, the shim's attach socket on the
// other, bytes and window sizes copied between them. The way to the terminal is display.hpp's.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <memory>
#include <optional>
#include <string>

#include "os/byte_stream.hpp"
#include "os/side_thread.hpp"
#include "supervisor/shim/display.hpp"

namespace termd::shim {

class attachment {
  public:
    // Standard input and output are the terminal, in raw mode. Stops the loop at the end. Neither
    // this nor the loop is to be destroyed: a browser that does not read holds up the display.
    attachment(boost::asio::io_context& loop, os::unique_fd socket, const std::string& token,
               std::optional<page_notices> page);
    ~attachment() = delete;
    bool session_is_over() const { return last_.over; }

  private:
    void greet(const std::string& token, bool notices);
    void tell(const std::string& frame);
    void take_keys(std::string_view keys);
    void await_resize();
    void shown(display::outcome last);

    boost::asio::io_context& loop_;
    boost::asio::signal_set resized_;
    os::unique_fd shim_;
    std::shared_ptr<os::byte_stream> keyboard_;
    display::outcome last_;
    std::optional<os::side_thread> output_;
};

}  // namespace termd::shim
