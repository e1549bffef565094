// Clients that termd vouches for: who attached over its control API (`termctl attach`) has shown who
// he is there, and termd hands his connection over, so that the terminal does not go through termd
// and outlives it. Only processes of termd's own user reach the socket.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <list>
#include <memory>

#include "os/acceptor.hpp"
#include "protocol/attach_messages.hpp"

namespace termd::shim {

class handover {
  public:
    using taken = std::function<void(os::unique_fd client, protocol::attach::handed_over who)>;

    handover(boost::asio::any_io_executor loop, os::unique_fd listener, taken on);
    ~handover();

  private:
    struct visit;

    void connected(os::unique_fd socket);
    void read(const std::shared_ptr<visit>& from);

    boost::asio::any_io_executor loop_;
    taken on_;
    os::acceptor acceptor_;
    std::list<std::shared_ptr<visit>> visits_;  // connected, and nothing said yet
};

}  // namespace termd::shim
