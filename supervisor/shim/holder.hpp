// One session, held: the composition of everything in this folder. It keeps the command on its
// terminal, ttyd running in front of it, the last output for whoever comes back, and the hard end,
// whether or not termd is there; and it does what termd asks.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <deque>
#include <memory>
#include <string>

#include "os/boot_timer.hpp"
#include "os/clock.hpp"
#include "supervisor/shim/access_list.hpp"
#include "supervisor/shim/account.hpp"
#include "supervisor/shim/announcements.hpp"
#include "supervisor/shim/clients.hpp"
#include "supervisor/shim/command.hpp"
#include "supervisor/shim/control.hpp"
#include "supervisor/shim/ending.hpp"
#include "supervisor/shim/handover.hpp"
#include "supervisor/shim/replay.hpp"
#include "supervisor/shim/worker.hpp"

namespace termd::shim {

class holder {
  public:
    // The current directory is the session's. Stops the loop when the session is over.
    struct listeners {
        os::unique_fd control, attach, handover;
    };
    holder(boost::asio::io_context& loop, std::string session, os::unique_fd gate,
           listeners sockets);

  private:
    control::callbacks control_callbacks();
    clients::callbacks clients_callbacks();
    command::callbacks command_callbacks();
    worker::callbacks worker_callbacks();
    ending::callbacks ending_callbacks();
    account::callbacks account_callbacks();

    void await_child();
    void reap();

    void tell_everything();
    void handle(const protocol::shim::request& request);
    void on_request(const protocol::shim::hello&) {}
    void on_request(const protocol::shim::start& m);
    void on_request(const protocol::shim::start_worker& m);
    void on_request(const protocol::shim::stop& m);
    void on_request(const protocol::shim::set_deadline& m);
    void on_request(const protocol::shim::add_grant& m) { access_.add(m.token, os::boot_now()); }
    void on_request(const protocol::shim::revoke_grants&) { access_.clear(); }
    void on_request(const protocol::shim::show& m);

    void launch(const std::string& why_not);
    void resume_output();
    void resize(os::window_size size);
    void output(std::string_view bytes);
    void input(std::string_view keys);
    void tell_input();
    bool tell(const protocol::attach::notice& what);
    void say(const std::string& text);
    std::string greeting();
    void log(protocol::shim::log_line::source from, std::string text);
    void end(protocol::end_reason why, milliseconds grace);
    protocol::attach::notice goodbye() const;
    void finished();

    boost::asio::io_context& loop_;
    boost::asio::signal_set child_ended_;
    os::unique_fd control_listener_;  // until the gate is open
    os::boot_timer deadline_timer_;
    os::boot_timer input_timer_;
    protocol::shim::start plan_;
    bool started_ = false;
    access_list access_;
    replay replay_;
    bool repaint_ = false;  // the new client has come to a full-screen program
    announcements announcements_;
    std::deque<protocol::shim::log_line> log_;
    boot_time last_input_{};
    boot_time told_input_{};
    bool telling_input_ = false;  // soon
    std::int64_t refused_ = 0;

    control control_;
    clients clients_;
    handover handover_;
    command command_;
    worker worker_;
    ending ending_;
    account account_;
};

}  // namespace termd::shim
