// Reads a log pipe to its end, always, and hands out its lines. A writer that floods is read only
// so fast: ttyd's end of the pipe is non-blocking, so what does not fit is lost to it; ssh, which
// opens its end itself, is slowed down.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <string>

#include "os/line_cutter.hpp"
#include "os/unique_fd.hpp"

namespace termd::os {

class log_drain {
  public:
    log_drain(boost::asio::any_io_executor loop, unique_fd pipe,
              std::function<void(std::string)> line,
              int lines_per_second = line_cutter::lines_per_second);
    ~log_drain();
    log_drain(const log_drain&) = delete;
    log_drain& operator=(const log_drain&) = delete;

    void read_the_rest();  // what is in the pipe now; the last line needs no end

  private:
    struct state;
    std::shared_ptr<state> state_;
};

}  // namespace termd::os
