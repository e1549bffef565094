#include "supervisor/platform/shim_link.hpp"

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <cerrno>
#include <csignal>

namespace termd::platform {
namespace {

// It is back within a tenth of a second, or never; nobody asks for more in that time.
constexpr std::size_t most_unsent = 256;

// Only now is it sure to have ended: readiness of a pidfd is a hint (it is spurious under ptrace).
// A process that is not our child cannot be waited for, and init reaps it.
bool has_ended(int pidfd) {
    siginfo_t info{};
    if (::waitid(P_PIDFD, static_cast<id_t>(pidfd), &info, WEXITED | WNOHANG) == 0)
        return info.si_pid != 0;
    return errno == ECHILD;
}

std::string range(int oldest, int newest) {
    const auto last = std::to_string(newest);
    return oldest == newest ? last : std::to_string(oldest) + " to " + last;
}

// "" when it does.
std::string why_unfit(const protocol::shim::hello& them, const std::string& session) {
    using namespace protocol::shim;
    if (!fits(them))
        return "its shim speaks version " + range(them.oldest, them.version) +
               ", this termd speaks " + range(oldest_version, version);
    if (them.session != session) return "its shim is that of session " + them.session;
    return "";
}

}  // namespace

shim_link::shim_link(boost::asio::any_io_executor loop, pid_t pid, os::unique_fd pidfd,
                     os::unique_fd socket)
    : pid_(pid),
      pidfd_(loop, pidfd.release()),
      stream_(os::byte_stream::make(loop, std::move(socket))) {}

void shim_link::start(const std::string& session, callbacks on) {
    session_ = session;
    on_ = std::move(on);
    converse();
    await_end();
}

void shim_link::converse() {
    os::byte_stream::callbacks stream;
    stream.bytes = [self = shared_from_this()](std::string_view bytes) { self->take(bytes); };
    stream.closed = [self = shared_from_this()] {
        if (self->on_.disconnected) self->on_.disconnected();
    };
    stream_->start(std::move(stream));
    protocol::shim::hello us;
    us.version = protocol::shim::version;
    us.oldest = protocol::shim::oldest_version;
    us.session = session_;
    us.pid = ::getpid();
    greeted_ = false;
    stream_->write(encode(protocol::shim::request(us)));
}

bool shim_link::greet(const protocol::shim::hello& them) {
    if (const auto why = why_unfit(them, session_); !why.empty()) {
        stream_->close();
        if (on_.unfit) on_.unfit(why);
        return false;
    }
    greeted_ = true;
    for (const auto& message : std::exchange(unsent_, {})) stream_->write(message);
    return true;
}

void shim_link::reconnect(os::unique_fd socket) {
    stream_->close();
    frames_ = protocol::frame_reader();
    stream_ = os::byte_stream::make(pidfd_.get_executor(), std::move(socket));
    converse();
}

void shim_link::take(std::string_view bytes) {
    frames_.add(bytes);
    while (const auto frame = frames_.next()) {
        const auto fact = protocol::shim::decode_fact(*frame);
        if (!fact) continue;
        const auto* hello = std::get_if<protocol::shim::hello>(&*fact);
        if (hello != nullptr && !greet(*hello)) return;
        if (greeted_ && on_.told) on_.told(*fact);
    }
    frames_.give_back();
    if (!frames_.broken()) return;
    stream_->close();
    if (on_.disconnected) on_.disconnected();
}

void shim_link::await_end() {
    pidfd_.async_wait(pidfd_.wait_read, [self = shared_from_this()](boost::system::error_code e) {
        if (e || !self->pidfd_.is_open()) return;
        if (!has_ended(self->pidfd_.native_handle())) return self->await_end();
        self->stream_->read_the_rest();  // facts told in its last moment count
        if (self->on_.process_ended) self->on_.process_ended();
    });
}

void shim_link::send(const protocol::shim::request& message) {
    auto bytes = protocol::shim::encode(message);
    if (greeted_ && stream_->is_open()) return stream_->write(bytes);
    if (unsent_.size() < most_unsent) unsent_.push_back(std::move(bytes));
}

void shim_link::kill() {
    ::syscall(SYS_pidfd_send_signal, pidfd_.native_handle(), SIGKILL, nullptr, 0);
}

void shim_link::kill_and_reap() {
    kill();
    siginfo_t ignored{};
    while (::waitid(P_PIDFD, static_cast<id_t>(pidfd_.native_handle()), &ignored, WEXITED) != 0 &&
           errno == EINTR) {
    }
}

void shim_link::close() {
    stream_->close();
    boost::system::error_code ignored;
    pidfd_.close(ignored);
    // One of these may be running right now: let go of them later.
    boost::asio::post(pidfd_.get_executor(), [released = std::exchange(on_, {})] {});
}

}  // namespace termd::platform
