// The recording of a session, as its loop sees it: is told what happens, hands it to the thread that
// writes it, and says how that goes. Nothing here waits for a disk, except for a second at the end.
//
// A burst of output is read no faster than it is recorded (congested()), for a fifth of a second at
// most: a disk that takes longer makes a gap, and one that takes no more ends the recording; the
// session goes on. One that is required has no gaps, the terminal waits; and what cannot be recorded
// at all is lost(): the session is to end.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "os/pty.hpp"
#include "os/side_thread.hpp"
#include "protocol/shim_messages.hpp"
#include "supervisor/shim/recording_writer.hpp"

namespace termd::shim {

class recording {
  public:
    struct callbacks {
        std::function<void()> begun;    // also when it could not be: facts()
        std::function<void()> changed;  // facts() has news
        std::function<void()> drained;  // no longer congested
        std::function<void()> lost;     // it is required, and not whole
    };

    recording(boost::asio::any_io_executor loop, callbacks on);
    ~recording();

    void start(const protocol::shim::recording_plan& plan, cast_text::head about);
    void output(std::string_view bytes);
    void input(std::string_view keys);
    void resized(os::window_size size);
    // The session is over. What is not written within a second is lost.
    void finish();

    bool planned() const { return !plan_.path.empty(); }
    bool congested() const { return congested_; }
    bool required() const { return plan_.required; }
    bool is_on() const { return facts_.status == protocol::recording_status::on; }
    const protocol::shim::recording_state& facts() const { return facts_; }

  private:
    void add(recording_writer::sort kind, std::string_view bytes);
    void heard(const recording_writer::news& what);
    void stopped(std::string why);
    void watch();
    void hold_back();

    boost::asio::any_io_executor loop_;
    callbacks on_;
    protocol::shim::recording_plan plan_;
    protocol::shim::recording_state facts_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    std::shared_ptr<recording_writer> writer_;
    std::optional<os::side_thread> thread_;
    boost::asio::steady_timer patience_;
    bool waiting_ = false;  // for the thread to write something
    bool congested_ = false;
    bool patient_ = true;  // with the disk, until it has tried that too much
    bool finished_ = false;
    os::window_size size_;
};

}  // namespace termd::shim
