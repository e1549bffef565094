#include "supervisor/platform/prober.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <chrono>

#include "os/socket.hpp"
#include "os/unique_fd.hpp"

namespace termd::platform {

using boost::asio::ip::tcp;
using stream = boost::asio::generic::stream_protocol;
using boost::system::error_code;
using steady = std::chrono::steady_clock;
using engine::probe_verdict;

namespace {

// What this machine lacked, not what ttyd did wrong.
probe_verdict verdict_on(error_code e) {
    using namespace boost::asio::error;
    const bool ours = e == no_descriptors || e == no_buffer_space || e == no_memory ||
                      e == error_code(ENFILE, boost::system::system_category()) ||
                      e == error_code(EADDRNOTAVAIL, boost::system::system_category());
    return ours ? probe_verdict::unknown : probe_verdict::unwell;
}

}  // namespace

class prober::attempt : public std::enable_shared_from_this<attempt> {
  public:
    attempt(prober& owner_of_this, session_id id, int port, std::optional<int> listener)
        : prober_(owner_of_this),
          id_(std::move(id)),
          port_(port),
          listener_(listener),
          socket_(prober_.loop_),
          timer_(prober_.loop_) {}

    void run(milliseconds timeout) {
        began_ = steady::now();
        timer_.expires_after(timeout);
        timer_.async_wait([self = shared_from_this()](error_code cancelled) {
            if (!cancelled) self->finish(probe_verdict::unwell, "no answer in time");
        });
        if (const auto e = connect(); e) return fail_soon(e);
        ask();
    }

  private:
    stream::endpoint where() const {
        if (port_ != 0)
            return tcp::endpoint(boost::asio::ip::make_address(prober_.address_),
                                 static_cast<std::uint16_t>(port_));
        return boost::asio::local::stream_protocol::endpoint(path());
    }
    std::string path() const {
        return prober_.sessions_ + "/" + id_.str() + "/" + protocol::worker_socket_file;
    }

    // At the other end of a Unix socket is who listens.
    bool is_listeners() {
        if (port_ != 0) return prober_.listeners_.belongs_to(prober_.address_, port_, *listener_);
        const auto peer = os::peer_credentials(socket_.native_handle());
        return peer && peer->pid == *listener_;
    }

    // libwebsockets has made it 0660.
    bool let_proxy_in() const {
        if (port_ != 0 || !prober_.proxy_) return true;
        return ::lchown(path().c_str(), static_cast<uid_t>(-1), *prober_.proxy_) == 0;
    }

    // By hand: Asio would make it non-blocking, wait for it, look whether it has worked, each by a
    // system call of its own.
    error_code connect() {
        const auto to = where();
        os::unique_fd fd(
            ::socket(to.protocol().family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        if (!fd || (::connect(fd.get(), to.data(), static_cast<socklen_t>(to.size())) != 0 &&
                    errno != EINPROGRESS))
            return {errno, boost::system::system_category()};
        error_code problem;
        socket_.assign(to.protocol(), fd.get(), problem);
        if (!problem) (void)fd.release();
        return problem;
    }

    // On this machine a connection is there when connect() returns, or refused, whatever it has
    // returned.
    void ask() {
        const auto& request = prober_.request_;
        if (::send(socket_.native_handle(), request.data(), request.size(), MSG_NOSIGNAL) >= 0)
            return listen();
        const error_code e(errno, boost::system::system_category());
        if (e != boost::asio::error::would_block) return fail_soon(e);
        socket_.async_wait(stream::socket::wait_write, [self = shared_from_this()](error_code gone) {
            if (!gone) self->ask();
        });
    }

    // Whoever wants to know has just asked, and expects no answer yet.
    void fail_soon(error_code e) {
        boost::asio::post(prober_.loop_, [self = shared_from_this(), e] {
            self->finish(verdict_on(e), "cannot connect: " + e.message());
        });
    }

    void listen() {
        socket_.async_read_some(boost::asio::buffer(piece_),
                                [self = shared_from_this()](error_code e, std::size_t got) {
                                    self->answer_.append(self->piece_.data(), got);
                                    self->judge(static_cast<bool>(e));
                                });
    }

    // The status line decides; the rest of the answer is of no interest.
    void judge(bool at_end) {
        constexpr std::string_view good = "HTTP/1.1 200 ";
        if (answer_.size() < good.size() && !at_end) return listen();
        if (!answer_.starts_with(good))
            return finish(probe_verdict::unwell, "the answer is not 200");
        if (listener_ && !is_listeners())
            return finish(probe_verdict::unwell,
                          "somebody else listens on " +
                              (port_ != 0 ? "port " + std::to_string(port_) : "its socket"));
        if (listener_ && !let_proxy_in())
            return finish(probe_verdict::unwell, "its socket cannot be given to the proxy's group");
        finish(probe_verdict::well, {});
    }

    void finish(probe_verdict verdict, std::string why) {
        if (finished_) return;
        finished_ = true;
        timer_.cancel();
        error_code ignored;
        socket_.close(ignored);
        const auto took = std::chrono::duration_cast<microseconds>(steady::now() - began_);
        prober_.events_->probed(id_, verdict, took, std::move(why));
    }

    prober& prober_;
    session_id id_;
    int port_;
    std::optional<int> listener_;
    stream::socket socket_;
    boost::asio::steady_timer timer_;
    steady::time_point began_;
    std::string answer_;
    std::array<char, 256> piece_{};
    bool finished_ = false;
};

prober::prober(boost::asio::io_context& loop, std::string address, std::string sessions,
               std::optional<gid_t> proxy)
    : loop_(loop),
      address_(std::move(address)),
      sessions_(std::move(sessions)),
      request_("GET /token HTTP/1.1\r\nHost: " + address_ + "\r\nConnection: close\r\n\r\n"),
      proxy_(proxy) {}

void prober::probe(const session_id& id, int port, std::optional<int> owner, milliseconds timeout) {
    std::make_shared<attempt>(*this, id, port, owner)->run(timeout);
}

}  // namespace termd::platform
