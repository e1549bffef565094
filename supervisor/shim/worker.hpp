// The ttyd of a session: started as told, watched, its log drained. It may die and be replaced
// while the command goes on.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "os/log_drain.hpp"
#include "os/process.hpp"
#include "protocol/shim_messages.hpp"

namespace termd::shim {

class worker {
  public:
    struct callbacks {
        std::function<void(std::string)> log;
        std::function<void()> changed;  // facts() has news
    };

    worker(boost::asio::any_io_executor loop, callbacks on)
        : loop_(loop), on_(std::move(on)), look_again_(loop) {}

    // One that still runs is killed first, and the new one started when it has gone and its port
    // with it; its end is then not told, it was wanted.
    // Of each that is started it is told, in order, also when another is wanted by then.
    void start(const protocol::shim::program& program);
    void start_no_more() { next_.clear(); }
    const protocol::shim::worker_state& facts() const { return facts_; }
    bool running() const { return facts_.pid > 0 && !facts_.exit; }
    void ended(os::wait_status status);
    void signal(int number);

  private:
    void when_alone(os::wait_status status);
    void launch_next();
    result<void> try_to_launch(const protocol::shim::program& program);

    boost::asio::any_io_executor loop_;
    callbacks on_;
    std::unique_ptr<os::log_drain> log_;
    os::unique_fd pidfd_;
    protocol::shim::worker_state facts_;
    std::deque<protocol::shim::program> next_;
    boot_time give_up_{};
    boost::asio::steady_timer look_again_;
};

}  // namespace termd::shim
