// Whoever is attached to the terminal: takes connections on the attach socket, lets in who has a
// token, hands their keys to the command and the command's output to them.
//
// A client in control that does not read fills its queue; congested() then says so and the owner
// stops reading the terminal until drained() tells that there is room. So output is never lost to
// it, and nothing grows. A viewer that does not read is told so and let go.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "os/acceptor.hpp"
#include "os/pty.hpp"
#include "protocol/shim_messages.hpp"
#include "supervisor/shim/client_connection.hpp"

namespace termd::shim {

class clients {
  public:
    struct callbacks {
        std::function<std::optional<protocol::role>(std::string_view token)> check;
        std::function<void()> refused;                   // a token was wrong
        std::function<std::string()> greeting;           // terminal bytes for a new client
        std::function<void()> welcomed;                  // it has got them, and its size counts
        std::function<std::vector<protocol::attach::notice>(protocol::role)> news;  // for it
        std::function<void(std::string_view)> input;     // keys
        std::function<bool()> input_full;                // the command does not read its input
        std::function<void(os::window_size)> resized;
        std::function<void()> changed;                   // facts() has news
        std::function<void()> drained;                   // no longer congested
    };

    clients(boost::asio::any_io_executor loop, os::unique_fd listener, callbacks on);
    ~clients();
    clients(const clients&) = delete;
    clients& operator=(const clients&) = delete;

    // Whom termd vouches for, on a connection of his own.
    void take(os::unique_fd socket, protocol::attach::handed_over vouched);
    void when_second(protocol::second_client policy) { policy_ = policy; }
    void output(std::string_view bytes);
    void input_drained();  // keys that had to wait may come again
    bool congested() const;
    void size_is(os::window_size now);  // the terminal's, for those who show it in another
    // Whether somebody in control was told.
    bool tell(const protocol::attach::notice& what);
    // Tells everybody that it is over, and why; they leave by themselves.
    void finish(const protocol::attach::notice& why);
    bool empty() const { return attached_.empty(); }
    const protocol::shim::clients_state& facts() const { return facts_; }

  private:
    using connection_ptr = std::shared_ptr<client_connection>;

    void connected(os::unique_fd socket, std::optional<protocol::attach::handed_over> vouched);
    std::optional<protocol::role> role_of(const client_connection& who, std::string_view token);
    void greeted(const connection_ptr& who, const protocol::attach::hello& hello);
    void admit(const connection_ptr& who, protocol::role as, os::window_size size);
    void tell_too_late(const connection_ptr& who, protocol::role as);
    bool somebody_controls() const;
    void take_over_from_others();
    void left(const connection_ptr& who);
    void update_facts();
    protocol::attach::notice size_notice() const;

    boost::asio::any_io_executor loop_;
    callbacks on_;
    os::acceptor acceptor_;
    std::list<connection_ptr> outside_;  // connected: not yet let in, or told to leave
    std::list<connection_ptr> attached_;
    protocol::shim::clients_state facts_;
    os::window_size size_{};
    std::optional<protocol::attach::notice> over_;  // for who comes too late
    protocol::second_client policy_ = protocol::second_client::takeover;
};

}  // namespace termd::shim
