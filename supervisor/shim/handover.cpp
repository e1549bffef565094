#include "supervisor/shim/handover.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>

#include "os/descriptor_passing.hpp"
#include "os/socket.hpp"

namespace termd::shim {

namespace attach = protocol::attach;

namespace {

// termd speaks as soon as it has connected; whoever does not is let go when others come.
constexpr std::size_t most_visits = 8;

bool is_ours(int socket) {
    const auto who = os::peer_credentials(socket);
    return who && (who->uid == ::geteuid() || who->uid == 0);
}

std::optional<attach::handed_over> read_message(const std::string& bytes) {
    protocol::frame_reader frames;
    frames.add(bytes);
    const auto frame = frames.next();
    if (!frame || attach::type_of(*frame) != attach::type::handed_over) return std::nullopt;
    return protocol::from_fields<attach::handed_over>(frame->payload);
}

}  // namespace

struct handover::visit {
    boost::asio::posix::stream_descriptor socket;
};

handover::handover(boost::asio::any_io_executor loop, os::unique_fd listener, taken on)
    : loop_(loop),
      on_(std::move(on)),
      acceptor_(loop, std::move(listener),
                [this](os::unique_fd socket) { connected(std::move(socket)); }) {}

handover::~handover() {
    for (const auto& v : visits_) v->socket.close();
}

void handover::connected(os::unique_fd socket) {
    if (!is_ours(socket.get())) return;
    if (visits_.size() >= most_visits) {
        visits_.front()->socket.close();
        visits_.pop_front();
    }
    const auto from = std::make_shared<visit>(
        visit{boost::asio::posix::stream_descriptor(loop_, socket.release())});
    visits_.push_back(from);
    from->socket.async_wait(from->socket.wait_read, [this, from](boost::system::error_code e) {
        if (!e && from->socket.is_open()) read(from);
    });
}

void handover::read(const std::shared_ptr<visit>& from) {
    auto passed = os::receive_descriptor(from->socket.native_handle());
    from->socket.close();
    visits_.remove(from);
    if (!passed) return;
    const auto who = read_message(passed->message);
    const int fd = passed->descriptor.get();
    if (!who || ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK) != 0) return;
    on_(std::move(passed->descriptor), *who);
}

}  // namespace termd::shim
