#include "supervisor/shim/log_drain.hpp"

#include "os/clock.hpp"

namespace termd::shim {
namespace {

// 64 KiB, then a pause: at most 640 KiB a second are looked at.
constexpr std::size_t bytes_per_round = 64 << 10;
constexpr std::chrono::milliseconds pause{100};

}  // namespace

log_drain::log_drain(boost::asio::any_io_executor loop, os::unique_fd pipe,
                     std::function<void(std::string)> line, int lines_per_second)
    : stream_(os::byte_stream::make(loop, std::move(pipe))),
      rest_(loop),
      cutter_(lines_per_second),
      line_(std::move(line)) {
    os::byte_stream::callbacks on;
    on.bytes = [this](std::string_view bytes) { take(bytes); };
    stream_->start(std::move(on));
}

log_drain::~log_drain() { stream_->close(); }

void log_drain::take(std::string_view bytes) {
    cutter_.add(bytes, os::boot_now(), line_);
    this_round_ += bytes.size();
    if (this_round_ < bytes_per_round || resting_) return;
    resting_ = true;
    stream_->pause_reading();
    rest_.expires_after(pause);
    rest_.async_wait([this](boost::system::error_code cancelled) {
        if (cancelled) return;
        resting_ = false;
        this_round_ = 0;
        stream_->resume_reading();
    });
}

}  // namespace termd::shim
