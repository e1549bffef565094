// How a session ends, once it has been decided: everybody is told, TERM and CONT to all processes,
// a grace that is measured until the last of them is gone (not until the first is), then KILL, as
// often as it takes. It begins once; a later, shorter grace shortens it.
//
// ttyd is spared until those attached have read the last output, so that the reason can be seen.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <optional>

#include "common/time.hpp"
#include "protocol/vocabulary.hpp"

namespace termd::shim {

class ending {
  public:
    struct callbacks {
        std::function<int()> worker_pid;      // 0: none
        std::function<bool()> command_runs;
        std::function<bool()> anyone_attached;
        std::function<void()> say_goodbye;    // to those attached; they leave by themselves
        std::function<void()> finished;       // no process is left
    };

    ending(boost::asio::any_io_executor loop, callbacks on);

    bool begun() const { return reason_.has_value(); }
    protocol::end_reason reason() const { return *reason_; }

    void begin(protocol::end_reason why, milliseconds grace);
    // Something ended or somebody left.
    void look_again();

  private:
    void terminate_command();
    void release_worker();
    void kill_in(milliseconds time);
    void kill_everything();

    callbacks on_;
    boost::asio::steady_timer kill_timer_;
    boost::asio::steady_timer linger_timer_;
    std::optional<protocol::end_reason> reason_;
    std::chrono::steady_clock::time_point kill_at_{};
    enum class worker_phase { spared, lingering, released } worker_ = worker_phase::spared;
    bool said_goodbye_ = false;
    bool someone_was_there_ = false;
    bool finished_ = false;
};

}  // namespace termd::shim
