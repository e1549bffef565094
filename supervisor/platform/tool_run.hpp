// One run of a small program of the system's, for what it prints: ssh-keygen, ssh-keyscan. It gets
// no input, an environment of ours and a time; what takes longer is killed.
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/time.hpp"
#include "os/byte_stream.hpp"
#include "os/process.hpp"
#include "os/spawn.hpp"

namespace termd::platform {

struct tool {
    std::string program;  // an absolute path
    std::vector<std::string> argv, env;
    std::size_t descriptor_limit = 0;  // 0: termd's own
};

struct tool_end {
    bool timed_out = false;      // and was killed
    os::wait_status how;
    std::string output, errors;  // as far as they went; of each the first 256 KiB
};

class tool_run : public std::enable_shared_from_this<tool_run> {
  public:
    tool_run(boost::asio::any_io_executor loop, std::function<void(tool_end)> ended);
    // `ended` once, from the loop; on an error, and after abandon(), not at all.
    result<void> start(const tool& what, milliseconds limit);
    void abandon();  // kills it and forgets it; nobody reaps it, so this is for termd's own end

  private:
    std::shared_ptr<os::byte_stream> collect(os::unique_fd pipe, std::string tool_end::*into);
    void await_end();
    void await_timeout(milliseconds limit);
    void let_go();

    std::function<void(tool_end)> on_end_;
    boost::asio::posix::stream_descriptor pidfd_;
    boost::asio::steady_timer timer_;
    std::shared_ptr<os::byte_stream> output_, errors_;
    tool_end end_;
    pid_t pid_ = 0;
};

}  // namespace termd::platform
