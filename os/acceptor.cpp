#include "os/acceptor.hpp"

#include <sys/socket.h>

#include <cerrno>

namespace termd::os {
namespace {

constexpr std::chrono::milliseconds rest_when_exhausted{100};

}  // namespace

struct acceptor::state {
    boost::asio::posix::stream_descriptor listener;
    boost::asio::steady_timer timer;
    std::function<void(unique_fd)> accepted;
};

acceptor::acceptor(boost::asio::any_io_executor loop, unique_fd listener,
                   std::function<void(unique_fd)> accepted)
    : state_(std::make_shared<state>(
          state{boost::asio::posix::stream_descriptor(loop, listener.release()),
                boost::asio::steady_timer(loop), std::move(accepted)})) {
    wait(state_);
}

acceptor::~acceptor() {
    boost::system::error_code ignored;
    state_->listener.close(ignored);
    state_->timer.cancel();
    state_->accepted = nullptr;
}

void acceptor::wait(const std::shared_ptr<state>& self) {
    self->listener.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                              [self](boost::system::error_code e) {
                                  if (!e && self->accepted) accept_all(self);
                              });
}

void acceptor::accept_all(const std::shared_ptr<state>& self) {
    while (self->accepted) {
        unique_fd socket(::accept4(self->listener.native_handle(), nullptr, nullptr,
                                   SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (socket) {
            self->accepted(std::move(socket));
            continue;
        }
        if (errno == EINTR || errno == ECONNABORTED) continue;
        if (errno == EAGAIN) return wait(self);
        return rest(self);  // EMFILE, ENFILE, ENOBUFS, ENOMEM
    }
}

void acceptor::rest(const std::shared_ptr<state>& self) {
    self->timer.expires_after(rest_when_exhausted);
    self->timer.async_wait([self](boost::system::error_code cancelled) {
        if (!cancelled && self->accepted) wait(self);
    });
}

}  // namespace termd::os
