// One descriptor on the event loop, as a stream of bytes both ways: a socket, a pty's master or a
// pipe. What arrives is handed over as it comes; what is written goes out at once as far as it
// fits and waits in a queue otherwise. The owner looks at queued() and calls pause_reading() on
// whatever fills it: that is all the flow control there is.
//
// The process must ignore SIGPIPE. Callbacks may call anything of the stream, close() too.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "os/unique_fd.hpp"

namespace termd::os {

class byte_stream : public std::enable_shared_from_this<byte_stream> {
  public:
    struct callbacks {
        std::function<void(std::string_view)> bytes;
        std::function<void()> closed;   // end of file or an error; never after close()
        std::function<void()> drained;  // the queue became empty after having held something
    };

    // The descriptor must be non-blocking.
    static std::shared_ptr<byte_stream> make(boost::asio::any_io_executor loop, unique_fd fd);

    void start(callbacks on);
    void write(std::string_view bytes);
    std::size_t queued() const { return queue_.size() - sent_; }
    // While paused, the end of a pipe or a terminal waits to be read; a socket's peer that has gone
    // is noticed with `notice_hangup`, and what it wrote last is lost.
    void pause_reading(bool notice_hangup = false);
    void resume_reading();
    // Reads what is there now, at most 2 MiB, without waiting; for the last words of a process.
    void read_the_rest();
    void close();
    bool is_open() const { return stream_.is_open(); }
    int native_handle() { return stream_.native_handle(); }

  private:
    byte_stream(boost::asio::any_io_executor loop, unique_fd fd)
        : stream_(std::move(loop), fd.release()) {}
    void await_readable();
    bool read_once();  // false when there is nothing more now
    void await_writable();
    void await_hangup();
    void flush();
    void fail();
    void fail_soon();

    boost::asio::posix::stream_descriptor stream_;
    std::unique_ptr<callbacks> on_ = std::make_unique<callbacks>();
    std::string queue_;
    std::size_t sent_ = 0;
    bool paused_ = false;
    bool reading_ = false;
    bool watching_ = false;
    bool writing_ = false;
};

}  // namespace termd::os
