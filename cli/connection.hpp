// A blocking stream to a Unix socket in which everything has to happen before one deadline.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "cli/failure.hpp"
#include "common/time.hpp"
#include "os/unique_fd.hpp"

namespace termd::cli {

// What a look at the stream brought.
enum class arrival { something, nothing, end };

class connection {
  public:
    // `timeout` counts from here on; 0 is none.
    static outcome<connection> open(const std::string& path, milliseconds timeout);

    // From now on waits call `tick` about ten times a second, for somebody who watches.
    void while_waiting(std::function<void()> tick) { tick_ = std::move(tick); }
    void wait_for_ever() { timeout_ = milliseconds::zero(); }
    int descriptor() const { return socket_.get(); }

    // Sends all of it. A peer that hangs up meanwhile is no failure: it may have answered already.
    outcome<void> send(std::string_view bytes);
    // As much of it as goes without waiting is taken away from its beginning.
    outcome<void> send_now(std::string& bytes);
    // Appends what has arrived to `buffer`; false at the end of the stream.
    outcome<bool> receive(std::string& buffer);
    // The same without waiting.
    outcome<arrival> receive_now(std::string& buffer);

  private:
    connection(os::unique_fd socket, milliseconds timeout);
    outcome<std::size_t> send_some(std::string_view bytes);  // 0: not now
    outcome<void> wait_for(short events) const;
    bool is_ready(short events) const;  // waits one tick, or all the time that is left
    int milliseconds_left() const;      // as poll(2) wants it
    failure too_slow() const;

    os::unique_fd socket_;
    milliseconds timeout_;
    std::chrono::steady_clock::time_point deadline_;
    std::function<void()> tick_;
};

}  // namespace termd::cli
