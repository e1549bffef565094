#include "supervisor/api/http.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <unordered_map>

#include "os/acceptor.hpp"
#include "os/socket.hpp"
#include "supervisor/api/http_connection.hpp"

namespace termd::api {
namespace {

std::vector<gid_t> groups_of(int fd) {
    std::vector<gid_t> out(32);
    for (;;) {
        auto size = static_cast<socklen_t>(out.size() * sizeof(gid_t));
        const bool done = ::getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, out.data(), &size) == 0;
        if (!done && errno != ERANGE) return {};
        out.resize(size / sizeof(gid_t));  // what is there, or what is needed
        if (done) return out;
    }
}

peer peer_of(int fd) {
    const auto who = os::peer_credentials(fd);
    if (!who) return {};
    return {who->uid, who->gid, who->pid, groups_of(fd)};
}

int family_of(int fd) {
    int family = AF_UNIX;
    socklen_t size = sizeof family;
    ::getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &size);
    return family;
}

// Best effort: the buffer of a new socket has room for it.
void turn_away(int fd, int status) {
    answer_form last;
    last.keep_alive = false;
    const auto text = response_text(problem_response(status, "too many connections"), last);
    (void)!::send(fd, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

}  // namespace

class http_server::impl : public std::enable_shared_from_this<impl> {
  public:
    impl(http_limits limits, request_handler handler)
        : service_(std::make_shared<http_service>(http_service{limits, std::move(handler)})) {}

    void start(boost::asio::io_context& loop, os::unique_fd listener) {
        acceptor_.emplace(loop.get_executor(), std::move(listener),
                          [this, &loop](os::unique_fd client) { admit(loop, std::move(client)); });
    }

    void stop_accepting() { acceptor_.reset(); }

    bool has_unanswered() {
        return std::any_of(connections_.begin(), connections_.end(),
                           [](const auto& one) { return one.second->is_unanswered(); });
    }

    void stop() {
        acceptor_.reset();
        const auto connections = std::exchange(connections_, {});
        for (const auto& [key, connection] : connections) connection->close();
    }

  private:
    void admit(boost::asio::io_context& loop, os::unique_fd fd) {
        auto who = peer_of(fd.get());
        if (status_for(who.uid) != 0) part_with_those_over();
        if (const int status = status_for(who.uid)) return turn_away(fd.get(), status);
        boost::system::error_code ec;
        http_connection::socket client(loop);
        client.assign({family_of(fd.get()), SOCK_STREAM}, fd.get(), ec);
        if (ec) return;
        fd.release();
        keep(std::move(client), std::move(who));
    }

    // 0, or why another connection of this user is one too many.
    int status_for(uid_t uid) const {
        const auto& limits = service_->limits;
        if (connections_.size() >= limits.connections) return 503;
        const auto count = per_uid_.find(uid);
        return count != per_uid_.end() && count->second >= limits.connections_per_uid ? 429 : 0;
    }

    // A client may hang up and come back before the loop has got round to the first of the two. It
    // has to find the room that it has made.
    void part_with_those_over() {
        std::vector<std::shared_ptr<http_connection>> over;
        for (const auto& [key, connection] : connections_)
            if (connection->is_over()) over.push_back(connection);
        for (const auto& connection : over) connection->close();
    }

    void keep(http_connection::socket client, peer who) {
        const auto key = ++last_key_;
        const auto uid = who.uid;
        auto ended = [weak = weak_from_this(), key, uid] {
            if (const auto self = weak.lock()) self->forget(key, uid);
        };
        auto connection = std::make_shared<http_connection>(std::move(client), std::move(who),
                                                            service_, std::move(ended));
        ++per_uid_[uid];
        connections_.emplace(key, connection);
        connection->start();
    }

    void forget(std::uint64_t key, uid_t uid) {
        connections_.erase(key);
        if (--per_uid_[uid] == 0) per_uid_.erase(uid);
    }

    std::shared_ptr<const http_service> service_;
    std::unordered_map<std::uint64_t, std::shared_ptr<http_connection>> connections_;
    std::unordered_map<uid_t, std::size_t> per_uid_;
    std::uint64_t last_key_ = 0;
    std::optional<os::acceptor> acceptor_;
};

http_server::http_server(boost::asio::io_context& loop, os::unique_fd listener, http_limits limits,
                         request_handler handler)
    : impl_(std::make_shared<impl>(limits, std::move(handler))) {
    impl_->start(loop, std::move(listener));
}

void http_server::stop_accepting() {
    impl_->stop_accepting();
}

bool http_server::has_unanswered() {
    return impl_->has_unanswered();
}

http_server::~http_server() {
    impl_->stop();
}

}  // namespace termd::api
