#include "supervisor/shim/client_connection.hpp"

#include <boost/asio/post.hpp>
#include <utility>

namespace termd::shim {

namespace attach = protocol::attach;

namespace {

constexpr std::chrono::seconds time_to_greet{5};
constexpr std::chrono::milliseconds refusal_delay{500};
constexpr std::chrono::seconds time_to_leave{3};
constexpr std::size_t largest_output_frame = 64 << 10;

}  // namespace

client_connection::client_connection(boost::asio::any_io_executor loop, os::unique_fd socket,
                                     std::optional<protocol::attach::handed_over> vouched)
    : stream_(os::byte_stream::make(loop, std::move(socket))),
      timer_(loop),
      vouched_(std::move(vouched)) {}

void client_connection::start(callbacks on) {
    on_ = std::move(on);
    os::byte_stream::callbacks stream;
    stream.bytes = [self = shared_from_this()](std::string_view bytes) { self->take(bytes); };
    stream.closed = [self = shared_from_this()] { self->close(); };
    stream.drained = [self = shared_from_this()] {
        self->pay_size();
        if (self->on_.drained) self->on_.drained();
    };
    stream_->start(std::move(stream));
    expire_in(time_to_greet, [this] { close(); });
}

void client_connection::take(std::string_view bytes) {
    if (stage_ == stage::refused || stage_ == stage::finished) return;
    frames_.add(bytes);
    while (!broken_)
        if (const auto frame = frames_.next()) {
            broken_ = !take_frame(*frame);
            if (!stream_->is_open() || stage_ == stage::refused) return;
        } else {
            break;
        }
    if (broken_ || frames_.broken()) close();
}

// False for what a client may not say at this point.
bool client_connection::take_frame(const protocol::frame& frame) {
    if (stage_ == stage::greeting) {
        if (attach::type_of(frame) != attach::type::hello) return false;
        const auto hello = protocol::from_fields<attach::hello>(frame.payload);
        if (!hello) return false;
        wants_notices_ = hello->notices;
        on_.hello(*hello);
        return true;
    }
    if (attach::type_of(frame) == attach::type::input) {
        on_.input(frame.payload);
        return true;
    }
    if (attach::type_of(frame) != attach::type::resize) return false;
    const auto resize = protocol::from_fields<attach::resize>(frame.payload);
    if (!resize) return false;
    on_.resized({resize->columns, resize->rows});
    return true;
}

void client_connection::welcome(protocol::shim::client as) {
    about_ = as;
    stage_ = stage::attached;
    timer_.cancel();
    attach::welcome answer;
    answer.as = as.as;
    stream_->write(attach::encode(attach::type::welcome, answer));
}

void client_connection::refuse_later(const attach::refused& why) {
    stage_ = stage::refused;
    expire_in(refusal_delay, [this, why] {
        stream_->write(attach::encode(attach::type::refused, why));
        close();
    });
}

void client_connection::replay(std::string_view bytes) {
    replayed_ = bytes.size();
    output(bytes);
}

void client_connection::output(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto piece = bytes.substr(0, largest_output_frame);
        stream_->write(attach::encode_bytes(attach::type::output, piece));
        bytes.remove_prefix(piece.size());
    }
}

void client_connection::tell(const attach::notice& what) {
    if (wants_notices_ && what.what == attach::notice::kind::size) {
        owed_size_ = what;
        return pay_size();
    }
    if (wants_notices_) return stream_->write(attach::encode(attach::type::notice, what));
    if (!what.text.empty()) output(attach::as_line(what.text));
}

void client_connection::pay_size() {
    if (!owed_size_ || stage_ != stage::attached || queued() > high_water) return;
    const auto size = std::exchange(owed_size_, std::nullopt);
    stream_->write(attach::encode(attach::type::notice, *size));
}

void client_connection::finish(const attach::notice& why) {
    if (stage_ != stage::attached) return close();
    stage_ = stage::finished;
    if (wants_notices_) tell(why);
    attach::finished last;
    last.why = why.text;
    last.may_return = why.what != attach::notice::kind::ended;
    stream_->write(attach::encode(attach::type::finished, last));
    expire_in(time_to_leave, [this] { close(); });
}

void client_connection::close() {
    timer_.cancel();
    if (!on_.closed) return;
    stream_->close();
    const auto self = shared_from_this();
    auto on = std::exchange(on_, {});
    on.closed();
    // One of these may be running right now: let go of them later.
    boost::asio::post(timer_.get_executor(), [released = std::move(on)] {});
}

void client_connection::expire_in(std::chrono::milliseconds time, std::function<void()> then) {
    timer_.expires_after(time);
    timer_.async_wait([self = shared_from_this(), then = std::move(then)](
                          boost::system::error_code cancelled) {
        if (!cancelled) then();
    });
}

}  // namespace termd::shim
