// Takes connections from a listening socket on the event loop. When descriptors run out it pauses
// for a moment instead of spinning: the kernel would report the same waiting connection for ever.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>

#include "os/unique_fd.hpp"

namespace termd::os {

class acceptor {
  public:
    // Sockets handed over are non-blocking and close-on-exec.
    acceptor(boost::asio::any_io_executor loop, unique_fd listener,
             std::function<void(unique_fd)> accepted);
    ~acceptor();  // closes the listener
    acceptor(const acceptor&) = delete;
    acceptor& operator=(const acceptor&) = delete;

  private:
    struct state;
    static void wait(const std::shared_ptr<state>& self);
    static void accept_all(const std::shared_ptr<state>& self);
    static void rest(const std::shared_ptr<state>& self);
    std::shared_ptr<state> state_;
};

}  // namespace termd::os
