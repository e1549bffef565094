#include "supervisor/shim/control.hpp"

#include <unistd.h>

#include <algorithm>

#include "os/socket.hpp"

namespace termd::shim {
namespace {

// A termd that hangs must not make its shims grow.
constexpr std::size_t most_queued = 1 << 20;
constexpr std::size_t most_strangers = 8;

}  // namespace

control::control(boost::asio::any_io_executor loop, std::string session, callbacks on)
    : loop_(std::move(loop)), session_(std::move(session)), on_(std::move(on)) {}

struct control::conversation {
    std::shared_ptr<os::byte_stream> stream;
    protocol::frame_reader frames;
    bool greeted = false;
};

control::~control() {
    if (current_) current_->stream->close();
    for (const auto& stranger : strangers_) stranger->stream->close();
}

void control::open_gate(os::unique_fd gate) { current_ = converse(std::move(gate)); }

void control::listen(os::unique_fd listener) {
    acceptor_ =
        std::make_unique<os::acceptor>(loop_, std::move(listener), [this](os::unique_fd socket) {
            // The directory is ours alone; this holds even if somebody loosens it.
            const auto peer = os::peer_credentials(socket.get());
            if (!peer || (peer->uid != ::geteuid() && peer->uid != 0)) return;
            if (strangers_.size() >= most_strangers) hang_up(strangers_.front());
            strangers_.push_back(converse(std::move(socket)));
        });
}

control::conversation_ptr control::converse(os::unique_fd socket) {
    const auto made = std::make_shared<conversation>();
    made->stream = os::byte_stream::make(loop_, std::move(socket));
    os::byte_stream::callbacks on;
    on.bytes = [this, made](std::string_view bytes) { take(made, bytes); };
    on.closed = [this, made] { hang_up(made); };
    made->stream->start(std::move(on));
    return made;
}

void control::take(const conversation_ptr& from, std::string_view bytes) {
    from->frames.add(bytes);
    while (const auto frame = from->frames.next()) {
        auto request = protocol::shim::decode_request(*frame);
        const auto* hello = request ? std::get_if<protocol::shim::hello>(&*request) : nullptr;
        if (hello != nullptr) {
            if (!protocol::shim::fits(*hello)) return refuse(from);
            if (!from->greeted) greeted(from);
        } else if (!from->greeted) {
            return hang_up(from);
        } else if (request) {
            on_.request(std::move(*request));
        }
        // A request that we do not know comes from a newer termd: passed over.
        if (!from->stream->is_open()) return;
    }
    if (from->frames.broken()) hang_up(from);
}

void control::greeted(const conversation_ptr& by) {
    by->greeted = true;
    strangers_.remove(by);
    if (current_ && current_ != by) current_->stream->close();
    current_ = by;
    tell(our_hello());
    on_.connected();
}

// Whom we cannot speak with is told why, and whoever speaks with us meanwhile goes on.
void control::refuse(const conversation_ptr& whom) {
    whom->stream->write(protocol::shim::encode(protocol::shim::fact(our_hello())));
    hang_up(whom);
}

protocol::shim::hello control::our_hello() const {
    protocol::shim::hello us;
    us.version = protocol::shim::version;
    us.oldest = protocol::shim::oldest_version;
    us.session = session_;
    us.pid = ::getpid();
    return us;
}

void control::hang_up(conversation_ptr who) {
    who->stream->close();
    strangers_.remove(who);
    if (who != current_) return;
    current_.reset();
    on_.disconnected();
}

bool control::tell(const protocol::shim::fact& fact) {
    if (!current_ || !current_->greeted || !current_->stream->is_open())
        return false;
    if (current_->stream->queued() > most_queued) return hang_up(current_), false;
    current_->stream->write(protocol::shim::encode(fact));
    return true;
}

}  // namespace termd::shim
