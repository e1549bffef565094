#include "supervisor/shim/recording.hpp"

#include <boost/asio/post.hpp>
#include <system_error>
#include <utility>

#include "os/clock.hpp"

namespace termd::shim {
namespace {

using protocol::recording_status;

constexpr milliseconds time_to_finish{1000};
// A disk that takes nothing for so long counts as one that takes nothing.
constexpr milliseconds longest_stall{10'000};
// So long the terminal waits for a disk that it need not wait for.
constexpr milliseconds longest_hold{200};

}  // namespace

recording::recording(boost::asio::any_io_executor loop, callbacks on)
    : loop_(std::move(loop)), on_(std::move(on)), patience_(loop_) {}

recording::~recording() {
    *alive_ = false;
    finish();
}

void recording::start(const protocol::shim::recording_plan& plan, cast_text::head about) {
    plan_ = plan;
    about.begun = plan.begun;
    size_ = about.size;
    auto tell = [this, loop = loop_, alive = alive_](recording_writer::news what) {
        boost::asio::post(loop, [this, alive, what = std::move(what)] {
            if (*alive) heard(what);
        });
    };
    writer_ = std::make_shared<recording_writer>(plan, std::move(about), std::move(tell));
    try {
        thread_.emplace("recording", [writer = writer_] { writer->run(); });
    } catch (const std::system_error& e) {
        writer_.reset();
        return stopped(std::string("there is no room for a thread: ") + e.what());
    }
    watch();
}

void recording::output(std::string_view bytes) {
    if (!bytes.empty()) add(recording_writer::sort::output, bytes);
}

void recording::input(std::string_view keys) {
    if (plan_.input && !keys.empty()) add(recording_writer::sort::input, keys);
}

void recording::resized(os::window_size size) {
    if (size == std::exchange(size_, size)) return;
    add(recording_writer::sort::resize,
        std::to_string(size.columns) + "x" + std::to_string(size.rows));
}

void recording::add(recording_writer::sort kind, std::string_view bytes) {
    if (!writer_ || finished_ || facts_.status == recording_status::stopped) return;
    const auto left = writer_->add(os::boot_now(), kind, bytes);
    if (plan_.required && left == recording_writer::room::none)
        return stopped("more came than could be written");
    if (left != recording_writer::room::plenty) hold_back();
    watch();
}

void recording::hold_back() {
    if (!patient_ || std::exchange(congested_, true) || plan_.required) return;
    patience_.expires_after(longest_hold);
    patience_.async_wait([this](boost::system::error_code cancelled) {
        if (cancelled || !congested_) return;
        patient_ = congested_ = false;
        on_.drained();
    });
}

// Of a disk that hangs the thread says nothing.
void recording::watch() {
    if (!plan_.required || std::exchange(waiting_, true)) return;
    patience_.expires_after(longest_stall);
    patience_.async_wait([this](boost::system::error_code cancelled) {
        if (!cancelled && waiting_) stopped("the disk has taken nothing for " + format_duration(longest_stall));
    });
}

void recording::heard(const recording_writer::news& what) {
    using kind = recording_writer::news::kind;
    if (facts_.status == recording_status::stopped) return;
    waiting_ = false;
    switch (what.what) {
        case kind::begun:
            facts_.status = recording_status::on;
            on_.begun();
            return on_.changed();
        case kind::failed:
        case kind::full:
            return stopped(what.words);
        case kind::gap:
            if (!std::exchange(facts_.why, what.words).empty()) return;  // of the first it is told
            return on_.changed();
        case kind::written:
            patient_ = true;
            if (std::exchange(congested_, false)) on_.drained();
    }
}

void recording::stopped(std::string why) {
    const bool had_begun = facts_.status == recording_status::on;
    facts_ = {recording_status::stopped, std::move(why)};
    if (!had_begun) on_.begun();
    on_.changed();
    if (std::exchange(congested_, false)) on_.drained();
    if (had_begun && plan_.required) on_.lost();
}

void recording::finish() {
    if (!writer_ || std::exchange(finished_, true)) return;
    patience_.cancel();
    writer_->finish();
    const bool done = thread_->end_within(time_to_finish);
    if (facts_.status == recording_status::stopped) return writer_->silence();
    const auto trouble = writer_->trouble();
    if (!done || trouble)
        facts_ = {recording_status::stopped, trouble.value_or("its end could not be written in time")};
    // A thread that hangs must not reach for the loop when that is gone.
    writer_->silence();
}

}  // namespace termd::shim
