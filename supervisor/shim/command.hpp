// The session's command, usually ssh, on a terminal of its own. This holds the pty's master, so the
// command outlives every browser, every ttyd and termd itself.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "os/byte_stream.hpp"
#include "os/log_drain.hpp"
#include "os/process.hpp"
#include "os/pty.hpp"
#include "os/spawn.hpp"
#include "protocol/shim_messages.hpp"

namespace termd::shim {

class command {
  public:
    struct callbacks {
        std::function<void(std::string_view)> output;  // terminal bytes
        std::function<void(std::string)> log;          // a line that ssh wrote about itself
        std::function<void()> changed;                 // facts() has news
        std::function<void()> input_drained;
    };

    command(boost::asio::any_io_executor loop, callbacks on);
    ~command();

    // With ssh_log, the pipe "ssh.log" is made in the current directory for ssh -E.
    void start(const protocol::shim::program& program, os::window_size size, bool ssh_log);

    void refuse(std::string why);  // it is not to be started

    const protocol::shim::command_state& facts() const { return facts_; }
    bool running() const { return facts_.pid > 0 && !facts_.exit; }
    void ended(os::wait_status status);  // the reaper saw it end

    void input(std::string_view bytes);
    std::size_t input_waiting() const { return terminal_ ? terminal_->queued() : 0; }
    void resize(os::window_size size);
    // A full-screen program paints everything again when the size changes, and only then: it is one
    // row less for a moment.
    void nudge();
    void pause_output();
    void resume_output();

  private:
    result<void> launch(const protocol::shim::program& program, os::window_size size);
    void take_output(std::string_view bytes);
    void take_log(std::string line);

    boost::asio::any_io_executor loop_;
    callbacks on_;
    std::shared_ptr<os::byte_stream> terminal_;
    std::unique_ptr<os::log_drain> log_;
    os::unique_fd pidfd_;
    os::window_size size_{};
    boost::asio::steady_timer nudge_timer_;
    protocol::shim::command_state facts_;
};

}  // namespace termd::shim
