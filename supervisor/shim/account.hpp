// What is kept of a session besides its last output: the recording, and the lines that somebody
// types, each when termd wants it. The rest of the shim tells this what happens, and is told when the
// command may start, when it has to wait, and when the session cannot go on.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "supervisor/shim/recording.hpp"
#include "supervisor/shim/typed_lines.hpp"

namespace termd::shim {

class account {
  public:
    struct callbacks {
        std::function<void(const std::string& why_not)> may_start;  // the command; "": it may
        std::function<void(const std::string&)> show;               // to whoever is attached
        std::function<void(std::string)> log;
        std::function<bool(const protocol::shim::fact&)> tell;      // termd; false: it is not there
        std::function<void()> drained;                              // no longer congested
        std::function<void()> lost;                                 // the session is to end
    };

    account(boost::asio::any_io_executor loop, callbacks on);

    void start(const protocol::shim::start& plan, os::window_size size);
    void output(std::string_view bytes);  // everything that the terminal shows
    void echo(std::string_view bytes);    // of that, what the command has written
    void input(std::string_view keys);
    void resized(os::window_size size);
    void finish();  // the last process has ended

    std::vector<std::string> news() const;  // for somebody who has just attached
    void tell_everything();
    bool congested() const { return recording_.congested(); }
    bool is_lost() const { return lost_; }

  private:
    recording::callbacks recording_callbacks();
    void recording_begun();
    void recording_changed();
    void typed(typed_lines::line line);
    bool may_tell();
    void tell_typed();
    void look_again();

    callbacks on_;
    recording recording_;
    bool lost_ = false;

    std::optional<typed_lines> lines_;
    boost::asio::steady_timer timer_;
    bool armed_ = false;
    std::deque<protocol::shim::typed_line> untold_;  // termd is away
    std::size_t untold_bytes_ = 0;
    std::int64_t left_out_ = 0;  // since the last one that is told
    boot_time second_began_{};
    int this_second_ = 0;
};

}  // namespace termd::shim
