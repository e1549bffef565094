// Reads a log pipe to its end, always, and hands out its lines. A writer that floods is read only so
// fast: ttyd's end of the pipe is non-blocking, so what does not fit is lost to it; ssh, which opens
// its end itself, is slowed down.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>

#include "os/byte_stream.hpp"
#include "supervisor/shim/line_cutter.hpp"

namespace termd::shim {

class log_drain {
  public:
    log_drain(boost::asio::any_io_executor loop, os::unique_fd pipe,
              std::function<void(std::string)> line,
              int lines_per_second = line_cutter::lines_per_second);
    ~log_drain();
    log_drain(const log_drain&) = delete;
    log_drain& operator=(const log_drain&) = delete;

    void read_the_rest() { stream_->read_the_rest(); }

  private:
    void take(std::string_view bytes);

    std::shared_ptr<os::byte_stream> stream_;
    boost::asio::steady_timer rest_;
    line_cutter cutter_;
    std::function<void(std::string)> line_;
    std::size_t this_round_ = 0;
    bool resting_ = false;
};

}  // namespace termd::shim
