#include "supervisor/shim/control.hpp"

#include <unistd.h>

#include <algorithm>

#include "os/socket.hpp"

namespace termd::shim {
namespace {

// A termd that hangs must not make its shims grow.
constexpr std::size_t most_queued = 1 << 20;

}  // namespace

control::control(boost::asio::any_io_executor loop, std::string session, callbacks on)
    : loop_(std::move(loop)), session_(std::move(session)), on_(std::move(on)) {}

control::~control() {
    if (stream_) stream_->close();
}

void control::open_gate(os::unique_fd gate) { converse(std::move(gate)); }

void control::listen(os::unique_fd listener) {
    acceptor_ =
        std::make_unique<os::acceptor>(loop_, std::move(listener), [this](os::unique_fd socket) {
            // The directory is ours alone; this holds even if somebody loosens it.
            const auto peer = os::peer_credentials(socket.get());
            if (peer && (peer->uid == ::geteuid() || peer->uid == 0)) converse(std::move(socket));
        });
}

void control::converse(os::unique_fd socket) {
    if (stream_) stream_->close();
    frames_ = protocol::frame_reader();
    greeted_ = false;
    stream_ = os::byte_stream::make(loop_, std::move(socket));
    os::byte_stream::callbacks on;
    on.bytes = [this](std::string_view bytes) { take(bytes); };
    on.closed = [this] { hang_up(); };
    stream_->start(std::move(on));
    protocol::shim::hello us;
    us.version = protocol::shim::version;
    us.oldest = protocol::shim::oldest_version;
    us.session = session_;
    us.pid = ::getpid();
    tell(us);
    on_.connected();
}

void control::take(std::string_view bytes) {
    frames_.add(bytes);
    while (const auto frame = frames_.next()) {
        auto request = protocol::shim::decode_request(*frame);
        const auto* hello = request ? std::get_if<protocol::shim::hello>(&*request) : nullptr;
        if (hello != nullptr) {
            if (hello->version < protocol::shim::oldest_version) return hang_up();
            greeted_ = true;
        } else if (!greeted_) {
            return hang_up();
        } else if (request) {
            on_.request(std::move(*request));
        }
        // A request that we do not know comes from a newer termd: passed over.
        if (!stream_ || !stream_->is_open()) return;
    }
    if (frames_.broken()) hang_up();
}

void control::hang_up() {
    if (!stream_) return;
    stream_->close();
    stream_.reset();
    on_.disconnected();
}

void control::tell(const protocol::shim::fact& fact) {
    if (!stream_ || !stream_->is_open()) return;
    if (stream_->queued() > most_queued) return hang_up();
    stream_->write(protocol::shim::encode(fact));
}

}  // namespace termd::shim
