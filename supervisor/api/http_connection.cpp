#include "supervisor/api/http_connection.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <utility>

namespace termd::api {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// How long a client may go on talking after its last answer. Closing at once would turn what it
// still sends into an error on its side, perhaps before it has read the answer (RFC 9112 §9.6).
constexpr std::chrono::milliseconds drain_time{2000};

}  // namespace

// The one answer that a request gets. Every copy of its responder shares it.
class http_connection::answer_slot {
  public:
    explicit answer_slot(std::weak_ptr<http_connection> connection)
        : connection_(std::move(connection)) {}
    answer_slot(const answer_slot&) = delete;
    answer_slot& operator=(const answer_slot&) = delete;
    ~answer_slot() {
        if (!connection_.expired()) give(problem_response(500, "the request was dropped"));
    }

    void give(const http_response& response) {
        if (const auto connection = std::exchange(connection_, {}).lock())
            connection->answer(response);
    }

  private:
    std::weak_ptr<http_connection> connection_;
};

// Its writer may keep it for longer than there is a connection.
class http_connection::body final : public body_writer {
  public:
    explicit body(std::weak_ptr<http_connection> connection) : connection_(std::move(connection)) {}

    void write(std::string_view bytes) override {
        if (const auto c = connection_.lock(); c && !bytes.empty()) c->add_to_stream(bytes);
    }
    std::size_t queued() const override {
        const auto c = connection_.lock();
        return c ? c->output_.size() - c->written_ + c->queue_.size() : 0;
    }
    void finish() override {
        if (const auto c = connection_.lock()) c->finish_stream();
    }
    void cut() override {
        if (const auto c = connection_.lock()) c->close();
    }
    void notify(std::function<void()> room, std::function<void()> ended) override {
        room_ = std::move(room);
        ended_ = std::move(ended);
    }

    void has_room() const {
        if (const auto room = room_) room();
    }
    void end() {
        connection_.reset();
        room_ = nullptr;
        if (const auto ended = std::exchange(ended_, nullptr)) ended();
    }

  private:
    std::weak_ptr<http_connection> connection_;
    std::function<void()> room_, ended_;
};

http_connection::http_connection(socket client, peer who,
                                 std::shared_ptr<const http_service> service,
                                 std::function<void()> ended)
    : socket_(std::move(client)),
      timer_(socket_.get_executor()),
      peer_(std::move(who)),
      service_(std::move(service)),
      ended_(std::move(ended)),
      parser_(service_->limits.header_bytes, service_->limits.body_bytes) {}

void http_connection::start() {
    error_code ec;
    socket_.non_blocking(true, ec);  // for say_continue()
    ec ? close() : next_request();
}

void http_connection::close() {
    if (std::exchange(phase_, phase::closed) == phase::closed) return;
    error_code ignored;
    socket_.close(ignored);
    timer_.cancel();
    if (const auto stream = std::exchange(body_, nullptr)) stream->end();
    if (const auto ended = std::exchange(ended_, {})) ended();
}

bool http_connection::is_over() {
    pollfd end{socket_.native_handle(), 0, 0};
    if (::poll(&end, 1, 0) != 1 || (end.revents & POLLHUP) == 0) return false;
    char byte = 0;
    return ::recv(end.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) <= 0;
}

bool http_connection::is_unanswered() {
    if (phase_ != phase::idle)
        return phase_ == phase::reading || phase_ == phase::handling || phase_ == phase::writing;
    char byte = 0;
    return ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

void http_connection::next_request() {
    phase_ = phase::idle;
    set_deadline(clock::now() + service_->limits.idle_time);
    advance();
}

// With what is here, or with more of it from the socket.
void http_connection::advance() {
    auto next = parser_.next();
    if (auto* request = std::get_if<parsed_request>(&next)) return handle(std::move(*request));
    if (auto* failure = std::get_if<parse_failure>(&next))
        return refuse(failure->status, failure->detail);
    if (phase_ == phase::idle && !parser_.empty()) {
        phase_ = phase::reading;
        set_deadline(clock::now() + service_->limits.request_time);
    }
    if (parser_.take_expectation()) say_continue();
    read();
}

void http_connection::read() {
    socket_.async_read_some(asio::buffer(input_),
                            [self = shared_from_this()](error_code ec, std::size_t bytes) {
                                self->read_done(ec, bytes);
                            });
}

void http_connection::read_done(error_code ec, std::size_t bytes) {
    if (phase_ != phase::idle && phase_ != phase::reading) return;  // the deadline came first
    if (ec) return close();
    parser_.feed({input_.data(), bytes});
    advance();
}

// Not waited for: a client whose buffer has no room for these few bytes is not waiting either.
void http_connection::say_continue() {
    error_code ignored;
    socket_.write_some(asio::buffer(std::string_view("HTTP/1.1 100 Continue\r\n\r\n")), ignored);
}

void http_connection::handle(parsed_request next) {
    phase_ = phase::handling;
    set_deadline(clock::time_point::max());
    form_ = next.form;
    next.request.from = peer_;
    const auto slot = std::make_shared<answer_slot>(weak_from_this());
    // In the next turn of the loop: whatever else this one has in hand, the end of the session that
    // is asked for above all, comes before a request.
    asio::post(socket_.get_executor(),
               [self = shared_from_this(), slot, request = std::move(next.request)]() mutable {
                   self->call_handler(std::move(request), slot);
                   if (self->phase_ == phase::handling) self->watch_for_hangup();
               });
}

void http_connection::call_handler(http_request request, const std::shared_ptr<answer_slot>& slot) {
    const auto service = service_;  // the handler may destroy the server, and with it this
    try {
        service->handler(std::move(request),
                         [slot](const http_response& response) { slot->give(response); });
    } catch (...) {
        form_.keep_alive = false;
        slot->give(problem_response(500));
    }
}

// Only a full close counts; one that has merely finished sending still reads its answer.
void http_connection::watch_for_hangup() {
    watched_ = true;
    socket_.async_wait(socket::wait_error, [self = shared_from_this()](error_code ec) {
        if (!ec) self->close();
    });
}

void http_connection::stop_watching() {
    error_code ignored;
    if (std::exchange(watched_, false)) socket_.cancel(ignored);
}

void http_connection::answer(const http_response& response) {
    if (phase_ != phase::handling) return;
    // HTTP/1.0 knows no other protocols (RFC 9110, 7.8).
    if (response.upgrade && form_.http_1_0) return answer(problem_response(426));
    stop_watching();
    if (response.stream && form_.http_1_0) form_.keep_alive = false;
    output_ = response_text(response, form_);
    upgrade_ = response.upgrade;
    response.stream && !form_.head ? begin_stream(response) : write();
}

void http_connection::refuse(int status, std::string_view detail) {
    form_ = {};
    form_.keep_alive = false;
    output_ = response_text(problem_response(status, detail), form_);
    write();
}

void http_connection::write() {
    phase_ = phase::writing;
    set_deadline(clock::now() + service_->limits.idle_time);
    socket_.async_write_some(asio::buffer(output_) + written_,
                             [self = shared_from_this()](error_code ec, std::size_t bytes) {
                                 self->write_done(ec, bytes);
                             });
}

void http_connection::write_done(error_code ec, std::size_t bytes) {
    if (phase_ != phase::writing) return;
    if (ec) return close();
    written_ += bytes;
    if (written_ < output_.size()) return write();
    answered();
}

void http_connection::answered() {
    output_ = {};
    written_ = 0;
    if (upgrade_) return hand_over();
    if (form_.keep_alive) return next_request();
    phase_ = phase::draining;
    error_code ec;
    socket_.shutdown(socket::shutdown_send, ec);
    set_deadline(clock::now() + std::min(drain_time, service_->limits.request_time));
    drain();
}

void http_connection::hand_over() {
    const auto take = std::exchange(upgrade_, nullptr);
    if (!parser_.empty()) return close();
    error_code ec;
    os::unique_fd client(socket_.release(ec));
    close();
    if (!ec) take(std::move(client));
}

void http_connection::drain() {
    socket_.async_read_some(asio::buffer(input_),
                            [self = shared_from_this()](error_code ec, std::size_t) {
                                if (self->phase_ != phase::draining) return;
                                ec ? self->close() : self->drain();
                            });
}

void http_connection::begin_stream(const http_response& response) {
    phase_ = phase::streaming;
    body_ = std::make_shared<body>(weak_from_this());
    queue_.clear();
    flushing_ = finished_ = false;
    watch_for_hangup();
    flush_stream();
    const auto write_it = response.stream;
    write_it(body_);
}

void http_connection::add_to_stream(std::string_view bytes) {
    if (phase_ != phase::streaming || finished_) return;
    queue_ += form_.http_1_0 ? std::string(bytes) : chunk(bytes);
    if (!flushing_) flush_stream();
}

void http_connection::finish_stream() {
    if (phase_ != phase::streaming || std::exchange(finished_, true)) return;
    if (!form_.http_1_0) queue_ += chunk({});
    if (!flushing_) flush_stream();
}

void http_connection::flush_stream() {
    if (written_ == output_.size()) {
        output_ = std::exchange(queue_, {});
        written_ = 0;
    }
    flushing_ = true;
    set_deadline(clock::now() + service_->limits.idle_time);
    socket_.async_write_some(asio::buffer(output_) + written_,
                             [self = shared_from_this()](error_code ec, std::size_t bytes) {
                                 self->stream_written(ec, bytes);
                             });
}

void http_connection::stream_written(error_code ec, std::size_t bytes) {
    if (phase_ != phase::streaming) return;
    if (ec) return close();
    flushing_ = false;
    written_ += bytes;
    if (written_ < output_.size() || !queue_.empty()) return flush_stream();
    set_deadline(clock::time_point::max());
    const auto stream = body_;
    if (!finished_) return stream->has_room();
    stop_watching();
    body_.reset();
    answered();
    stream->end();
}

// The timer runs on when the deadline moves away and looks again when it fires; so a request
// costs no timer, and a firing that was already queued does no harm.
void http_connection::set_deadline(clock::time_point when) {
    deadline_ = when;
    if (when < timer_.expiry() || timer_.expiry() <= clock::now()) wait_for_deadline();
}

void http_connection::wait_for_deadline() {
    if (deadline_ == clock::time_point::max()) return;
    timer_.expires_at(deadline_);
    timer_.async_wait([self = shared_from_this()](error_code ec) {
        if (ec || self->phase_ == phase::closed) return;
        if (clock::now() < self->deadline_) return self->wait_for_deadline();
        self->deadline_passed();
    });
}

void http_connection::deadline_passed() {
    if (phase_ != phase::reading) return close();
    error_code ignored;
    socket_.cancel(ignored);
    refuse(408, "the request took too long");
}

}  // namespace termd::api
