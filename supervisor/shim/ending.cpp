#include "supervisor/shim/ending.hpp"

#include <csignal>

#include "supervisor/shim/group.hpp"

namespace termd::shim {
namespace {

// ttyd has the last bytes from termd-attach, but maybe not yet sent them when that has gone.
constexpr std::chrono::milliseconds linger{200};
// A process that forks faster than we look is found in the next round.
constexpr std::chrono::milliseconds between_kills{50};

}  // namespace

ending::ending(boost::asio::any_io_executor loop, callbacks on)
    : on_(std::move(on)), kill_timer_(loop), linger_timer_(loop) {}

void ending::begin(protocol::end_reason why, milliseconds grace) {
    if (!begun()) {
        reason_ = why;
        someone_was_there_ = on_.anyone_attached();
        kill_at_ = std::chrono::steady_clock::time_point::max();
        terminate_command();
    }
    const auto at = std::chrono::steady_clock::now() + grace;
    if (at < kill_at_) {
        kill_at_ = at;
        kill_in(grace);
    }
    look_again();
}

// CONT lets a stopped process take its TERM. HUP is what a closed terminal means, and all that an
// interactive shell listens to.
void ending::terminate_command() { signal_group({SIGTERM, SIGHUP, SIGCONT}, on_.worker_pid()); }

void ending::look_again() {
    if (!begun() || finished_) return;
    if (!on_.command_runs() && !said_goodbye_) {
        said_goodbye_ = true;
        on_.say_goodbye();
    }
    if (said_goodbye_ && !on_.anyone_attached() && worker_ == worker_phase::spared)
        release_worker();
    if (!group_is_empty()) return;
    finished_ = true;
    kill_timer_.cancel();
    linger_timer_.cancel();
    on_.finished();
}

void ending::release_worker() {
    worker_ = worker_phase::lingering;
    linger_timer_.expires_after(someone_was_there_ ? linger : std::chrono::milliseconds{0});
    linger_timer_.async_wait([this](boost::system::error_code cancelled) {
        if (cancelled) return;
        worker_ = worker_phase::released;
        signal_group({SIGTERM, SIGCONT}, 0);
    });
}

void ending::kill_in(milliseconds time) {
    kill_timer_.expires_after(time);
    kill_timer_.async_wait([this](boost::system::error_code cancelled) {
        if (!cancelled) kill_everything();
    });
}

void ending::kill_everything() {
    if (finished_) return;
    signal_group({SIGKILL}, 0);
    kill_in(between_kills);
}

}  // namespace termd::shim
