// One connection on the attach socket: speaks protocol/attach_messages.hpp and knows nothing about
// who may do what.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "os/byte_stream.hpp"
#include "os/pty.hpp"
#include "protocol/attach_messages.hpp"
#include "protocol/shim_messages.hpp"

namespace termd::shim {

class client_connection : public std::enable_shared_from_this<client_connection> {
  public:
    static constexpr std::size_t high_water = 256 << 10;  // bytes queued

    struct callbacks {
        std::function<void(const protocol::attach::hello&)> hello;
        std::function<void(std::string_view)> input;
        std::function<void(os::window_size)> resized;
        std::function<void()> closed;
        std::function<void()> drained;
    };

    // `vouched`: termd let this one in; a token is not asked for.
    client_connection(boost::asio::any_io_executor loop, os::unique_fd socket,
                      std::optional<protocol::attach::handed_over> vouched = {});

    void start(callbacks on);
    void welcome(protocol::shim::client as);
    // After a short while: guessing is to be slow. Closes afterwards.
    void refuse_later(const protocol::attach::refused& why);
    // Output of before it came, once; however much that is, its length is not held against it.
    void replay(std::string_view bytes);
    void output(std::string_view bytes);
    // Of sizes only the last one counts: one that does not read gets that when it does.
    void tell(const protocol::attach::notice& what);
    // The last that it is told; the other side closes.
    void finish(const protocol::attach::notice& why);
    void close();

    // It does not read, or too slowly.
    bool lags() const { return queued() > high_water + replayed_; }
    void pause_input() { stream_->pause_reading(true); }
    void resume_input() { stream_->resume_reading(); }
    const protocol::shim::client& about() const { return about_; }
    const std::optional<protocol::attach::handed_over>& vouched() const { return vouched_; }

  private:
    std::size_t queued() const { return stream_->queued(); }
    void pay_size();
    void take(std::string_view bytes);
    bool take_frame(const protocol::frame& frame);
    void expire_in(std::chrono::milliseconds time, std::function<void()> then);

    std::shared_ptr<os::byte_stream> stream_;
    boost::asio::steady_timer timer_;
    protocol::frame_reader frames_{protocol::attach::largest_input};
    callbacks on_;
    protocol::shim::client about_;
    std::optional<protocol::attach::handed_over> vouched_;
    enum class stage { greeting, refused, attached, finished } stage_ = stage::greeting;
    std::size_t replayed_ = 0;
    bool broken_ = false;
    bool wants_notices_ = false;
    std::optional<protocol::attach::notice> owed_size_;
};

}  // namespace termd::shim
