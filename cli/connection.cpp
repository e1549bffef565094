#include "cli/connection.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>

#include "cli/unreachable.hpp"

namespace termd::cli {
namespace {

using std::chrono::ceil;
using std::chrono::steady_clock;

outcome<sockaddr_un> address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        return failure{exit_code::usage,
                       "the path of a Unix socket ends at 107 bytes – give a shorter --socket"};
    std::memcpy(address.sun_path, path.data(), path.size());
    return address;
}

// A full backlog makes a non-blocking connect to a Unix socket fail at once instead of waiting, so
// it blocks, and SO_SNDTIMEO is its deadline (unix(7), socket(7)).
void limit_connect(int socket, milliseconds timeout) {
    const timeval limit{static_cast<time_t>(timeout.count() / 1000),
                        static_cast<suseconds_t>(timeout.count() % 1000 * 1000)};
    ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

bool try_again() {
    return errno == EAGAIN || errno == EINTR;
}
bool hung_up() {
    return errno == EPIPE || errno == ECONNRESET;
}

}  // namespace

connection::connection(os::unique_fd socket, milliseconds timeout)
    : socket_(std::move(socket)), timeout_(timeout), deadline_(steady_clock::now() + timeout) {}

outcome<connection> connection::open(const std::string& path, milliseconds timeout) {
    const auto address = address_of(path);
    if (!address) return address.error();
    connection out(os::unique_fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)), timeout);
    const int fd = out.socket_.get();
    limit_connect(fd, timeout);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&*address), sizeof *address) == 0)
        return out;
    if (errno == EAGAIN || errno == EINPROGRESS) return out.too_slow();
    return unreachable(path, errno);
}

outcome<std::size_t> connection::send_some(std::string_view bytes) {
    const auto sent =
        ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) return static_cast<std::size_t>(sent);
    if (hung_up()) return bytes.size();  // who receives is told of it
    if (try_again()) return 0;
    return lost(errno);
}

outcome<void> connection::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = send_some(bytes);
        if (!sent) return sent.error();
        bytes.remove_prefix(*sent);
        if (*sent > 0) continue;
        if (auto waited = wait_for(POLLOUT); !waited) return waited;
    }
    return {};
}

outcome<void> connection::send_now(std::string& bytes) {
    while (!bytes.empty()) {
        const auto sent = send_some(bytes);
        if (!sent) return sent.error();
        if (*sent == 0) break;
        bytes.erase(0, *sent);
    }
    return {};
}

outcome<arrival> connection::receive_now(std::string& buffer) {
    std::array<char, 65536> part;
    const auto got = ::recv(socket_.get(), part.data(), part.size(), MSG_DONTWAIT);
    if (got > 0) buffer.append(part.data(), static_cast<std::size_t>(got));
    if (got > 0) return arrival::something;
    if (got == 0 || hung_up()) return arrival::end;
    if (try_again()) return arrival::nothing;
    return lost(errno);
}

outcome<bool> connection::receive(std::string& buffer) {
    while (true) {
        const auto got = receive_now(buffer);
        if (!got) return got.error();
        if (*got != arrival::nothing) return *got == arrival::something;
        if (auto waited = wait_for(POLLIN); !waited) return waited.error();
    }
}

// An interrupted poll is as good as a ready one: the caller tries and comes back.
bool connection::is_ready(short events) const {
    constexpr int between_ticks = 100;
    const int left = milliseconds_left();
    const bool ticking = tick_ && (left < 0 || left > between_ticks);
    pollfd waiting{socket_.get(), events, 0};
    return ::poll(&waiting, 1, ticking ? between_ticks : left) != 0;
}

outcome<void> connection::wait_for(short events) const {
    while (!is_ready(events)) {
        if (milliseconds_left() == 0) return too_slow();
        if (tick_) tick_();
    }
    return {};
}

int connection::milliseconds_left() const {
    if (timeout_ == milliseconds::zero()) return -1;
    const auto left = ceil<milliseconds>(deadline_ - steady_clock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, std::numeric_limits<int>::max()));
}

failure connection::too_slow() const {
    return {exit_code::timed_out, "termd did not answer within " + format_duration(timeout_) +
                                      " – see termctl status, or give it longer with --timeout"};
}

}  // namespace termd::cli
