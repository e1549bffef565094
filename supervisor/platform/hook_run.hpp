// One run of a hook: a program that gets an event on its standard input, is given some time, and is
// ended when it takes more. What it writes is logged, cut and limited. What it leaves behind on
// purpose, when it ends by itself, is its own affair.
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "os/byte_stream.hpp"
#include "os/log_drain.hpp"
#include "os/process.hpp"
#include "os/spawn.hpp"
#include "supervisor/model/config.hpp"

namespace termd::platform {

enum class hook_outcome {
    done,       // it ended with 0
    failed,     // it could not be started, or ended otherwise
    timed_out,  // it was ended
    dropped,    // too many were waiting already
};
std::string_view to_string(hook_outcome value);

class hook_run : public std::enable_shared_from_this<hook_run> {
  public:
    struct callbacks {
        std::function<void(std::string)> log;     // a line, safe to print
        std::function<void(hook_outcome)> ended;  // once; not after abandon()
    };

    hook_run(boost::asio::any_io_executor loop, model::config::hook what, callbacks on);
    struct surroundings {
        std::vector<std::string> env;
        std::size_t descriptor_limit = 0;  // 0: termd's own
    };
    // The child has these and the input, and nothing else. On an error `ended` is not called.
    result<void> start(surroundings child_has, const std::string& input);
    void abandon();  // kills its process group and forgets it

  private:
    void feed(os::unique_fd pipe, const std::string& input);
    void await_end();
    void await_timeout(std::chrono::milliseconds after, int signal);
    void ended(os::wait_status how);
    void let_go();

    model::config::hook what_;
    callbacks on_;
    boost::asio::steady_timer timer_;
    boost::asio::posix::stream_descriptor pidfd_;
    std::shared_ptr<os::byte_stream> input_;
    std::unique_ptr<os::log_drain> output_;
    pid_t pid_ = 0;
    bool timed_out_ = false;
};

}  // namespace termd::platform
