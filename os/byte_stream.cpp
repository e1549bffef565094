#include "os/byte_stream.hpp"

#include <unistd.h>

#include <boost/asio/post.hpp>
#include <array>
#include <cerrno>

namespace termd::os {
namespace {

// Shared by all streams of the thread: what is read is handed over before the next read. It is filled
// as far as there is something, because a terminal gives 4 KiB at a time, and whoever comes next works
// for each piece.
constexpr std::size_t read_size = 64 << 10;
// As often as fills it from a terminal: who writes a byte at a time must not keep the others waiting.
constexpr int most_reads = 16;
constexpr std::size_t worth_giving_back = 64 << 10;
thread_local std::array<char, read_size> read_buffer;

}  // namespace

std::shared_ptr<byte_stream> byte_stream::make(boost::asio::any_io_executor loop, unique_fd fd) {
    return std::shared_ptr<byte_stream>(new byte_stream(std::move(loop), std::move(fd)));
}

void byte_stream::start(callbacks on) {
    *on_ = std::move(on);
    await_readable();
    if (queued() > 0) flush();
}

void byte_stream::await_readable() {
    if (reading_ || paused_ || !is_open()) return;
    reading_ = true;
    stream_.async_wait(stream_.wait_read, [self = shared_from_this()](boost::system::error_code e) {
        self->reading_ = false;
        if (e || !self->is_open() || self->paused_) return;
        self->read_once();
        self->await_readable();
    });
}

bool byte_stream::read_once() {
    std::size_t filled = 0;
    ssize_t got = 0;
    int reads = 0;
    do {
        got = ::read(stream_.native_handle(), read_buffer.data() + filled, read_size - filled);
        if (got > 0) filled += static_cast<std::size_t>(got);
    } while (filled < read_size && ++reads < most_reads &&
             (got > 0 || (got < 0 && errno == EINTR)));
    if (filled == 0 && got < 0 && errno == EINTR) return true;
    if (filled == 0 && got < 0 && errno == EAGAIN) return false;
    if (filled == 0) {
        fail();  // end of file, or EIO from a pty whose other side is closed
        return false;
    }
    if (on_->bytes) on_->bytes({read_buffer.data(), filled});
    return is_open();
}

void byte_stream::read_the_rest() {
    // Bounded: a grandchild that holds the other end may write for ever.
    for (int round = 0; round < 32 && is_open() && read_once(); ++round) {
    }
}

void byte_stream::write(std::string_view bytes) {
    if (!is_open()) return;
    if (queued() == 0 && !writing_) {
        ssize_t written;
        do written = ::write(stream_.native_handle(), bytes.data(), bytes.size());
        while (written < 0 && errno == EINTR);
        if (written < 0 && errno != EAGAIN) return fail_soon();
        if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    if (bytes.empty()) return;
    if (sent_ > worth_giving_back) {
        queue_.erase(0, sent_);
        sent_ = 0;
    }
    queue_.append(bytes);
    await_writable();
}

void byte_stream::await_writable() {
    if (writing_ || !is_open()) return;
    writing_ = true;
    stream_.async_wait(stream_.wait_write, [self = shared_from_this()](boost::system::error_code e) {
        self->writing_ = false;
        if (!e && self->is_open()) self->flush();
    });
}

void byte_stream::flush() {
    while (queued() > 0) {
        const auto written = ::write(stream_.native_handle(), queue_.data() + sent_, queued());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0 && errno == EAGAIN) return await_writable();
        if (written < 0) return fail();
        sent_ += static_cast<std::size_t>(written);
    }
    queue_.clear();
    if (queue_.capacity() > worth_giving_back) queue_.shrink_to_fit();
    sent_ = 0;
    if (on_->drained) on_->drained();
}

void byte_stream::pause_reading(bool notice_hangup) {
    paused_ = true;
    if (notice_hangup) await_hangup();
}

void byte_stream::await_hangup() {
    if (watching_ || !is_open()) return;
    watching_ = true;
    stream_.async_wait(stream_.wait_error, [self = shared_from_this()](boost::system::error_code e) {
        self->watching_ = false;
        if (!e && self->is_open() && self->paused_) self->fail();
    });
}

void byte_stream::resume_reading() {
    if (!paused_) return;
    paused_ = false;
    await_readable();
}

void byte_stream::close() {
    if (!is_open()) return;
    boost::system::error_code ignored;
    stream_.close(ignored);
    queue_.clear();
    sent_ = 0;
    // They own whoever owns us, and one of them may be running right now: let go of them later, and
    // leave them where they are until then, for a small one would lose by a move what it captured.
    boost::asio::post(stream_.get_executor(),
                      [released = std::exchange(on_, std::make_unique<callbacks>())] {});
}

// Not from within write(): the caller is in the middle of something.
void byte_stream::fail_soon() {
    boost::asio::post(stream_.get_executor(), [self = shared_from_this()] {
        if (self->is_open()) self->fail();
    });
}

void byte_stream::fail() {
    const auto self = shared_from_this();  // the callback may drop the last owner
    const auto closed = on_->closed;
    close();
    if (closed) closed();
}

}  // namespace termd::os
