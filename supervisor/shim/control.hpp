// The shim's side of its conversation with termd: the gate it was born with, and a socket on which
// a termd that was restarted comes back. One conversation at a time; a newer one replaces the
// older as soon as it has said hello, and not before. Speaks protocol/shim_messages.hpp.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <list>
#include <memory>
#include <string>

#include "os/acceptor.hpp"
#include "os/byte_stream.hpp"
#include "protocol/shim_messages.hpp"

namespace termd::shim {

class control {
  public:
    struct callbacks {
        std::function<void()> connected;  // time to tell every fact
        std::function<void(protocol::shim::request)> request;
        std::function<void()> disconnected;
    };

    control(boost::asio::any_io_executor loop, std::string session, callbacks on);
    ~control();

    void open_gate(os::unique_fd gate);
    void listen(os::unique_fd listener);
    bool tell(const protocol::shim::fact& fact);  // nobody there, false: it is told again later

  private:
    struct conversation;
    using conversation_ptr = std::shared_ptr<conversation>;

    conversation_ptr converse(os::unique_fd socket);
    void take(const conversation_ptr& from, std::string_view bytes);
    void greeted(const conversation_ptr& by);
    void refuse(const conversation_ptr& whom);
    protocol::shim::hello our_hello() const;
    void hang_up(conversation_ptr who);  // by value: its place in a list goes

    boost::asio::any_io_executor loop_;
    std::string session_;
    callbacks on_;
    std::unique_ptr<os::acceptor> acceptor_;
    conversation_ptr current_;
    std::list<conversation_ptr> strangers_;  // connected, no hello yet
};

}  // namespace termd::shim
