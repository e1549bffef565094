// termd's side of one shim: the conversation (protocol/shim_messages.hpp) and the pidfd that tells
// when it has ended.
#pragma once

#include <sys/types.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "os/byte_stream.hpp"
#include "protocol/shim_messages.hpp"

namespace termd::platform {

class shim_link : public std::enable_shared_from_this<shim_link> {
  public:
    struct callbacks {
        std::function<void(const protocol::shim::fact&)> told;  // `hello` is the first one
        // In place of the first one: it speaks no version that we speak, or for another session.
        // The conversation is over.
        std::function<void(const std::string& why)> unfit;
        std::function<void()> process_ended;  // once
        std::function<void()> disconnected;   // the shim lives, as far as is known
    };

    // Takes over both descriptors. `pidfd` may be one of a process that is not our child.
    shim_link(boost::asio::any_io_executor loop, pid_t pid, os::unique_fd pidfd,
              os::unique_fd socket);

    void start(const std::string& session, callbacks on);
    void reconnect(os::unique_fd socket);  // facts are told again
    // Waits until the shim has said hello, in the next connection when there is none.
    void send(const protocol::shim::request& message);
    void kill();  // SIGKILL to the shim itself
    void kill_and_reap();  // waits; for a shim that is still at its gate
    void close();
    pid_t pid() const { return pid_; }

  private:
    void converse();
    void take(std::string_view bytes);
    bool greet(const protocol::shim::hello& them);
    void await_end();

    pid_t pid_;
    boost::asio::posix::stream_descriptor pidfd_;
    std::shared_ptr<os::byte_stream> stream_;
    protocol::frame_reader frames_;
    bool greeted_ = false;
    std::string session_;
    std::vector<std::string> unsent_;
    callbacks on_;
};

}  // namespace termd::platform
