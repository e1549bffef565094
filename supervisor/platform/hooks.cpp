#include "supervisor/platform/hooks.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>

#include "os/clock.hpp"

namespace termd::platform {
namespace {

constexpr std::chrono::seconds between_complaints{10};

}  // namespace

hooks::hooks(boost::asio::any_io_executor loop, surroundings hooks_have, callbacks on,
             hook_limits limits)
    : loop_(loop),
      hooks_have_(std::move(hooks_have)),
      on_(std::move(on)),
      limits_(limits),
      end_(loop) {}

hooks::~hooks() {
    for (const auto& run : running_) run->abandon();
}

void hooks::run_on(protocol::event_type type, const std::string& json) {
    if (over_) return;
    std::shared_ptr<const std::string> input;
    for (const auto& hook : all_) {
        const bool wanted =
            std::any_of(hook.events.begin(), hook.events.end(),
                        [&](const auto& pattern) { return protocol::matches(pattern, type); });
        if (!wanted) continue;
        if (!input) input = std::make_shared<const std::string>(json + "\n");
        add({hook, type, input});
    }
}

void hooks::add(job one) {
    if (running_.size() < limits_.running) return start(std::move(one));
    if (waiting_.size() >= limits_.waiting) return drop();
    waiting_.push_back(std::move(one));
}

void hooks::drop() {
    ++dropped_;
    on_.ended(hook_outcome::dropped);
    const auto now = os::boot_now();
    if (drops_logged_ && now < *drops_logged_ + between_complaints) return;
    drops_logged_ = now;
    on_.log("too many hooks are waiting: dropped " + std::to_string(std::exchange(dropped_, 0)));
}

void hooks::start(job one) {
    auto has = hooks_have_;
    has.env.push_back("TERMD_EVENT=" + std::string(to_string(one.type)));
    hook_run::callbacks on;
    on.log = on_.log;
    // The run does not own itself by way of its callback.
    const auto self = std::make_shared<std::weak_ptr<hook_run>>();
    on.ended = [this, self](hook_outcome how) {
        if (const auto run = self->lock()) ended(run, how);
    };
    const auto run = std::make_shared<hook_run>(loop_, std::move(one.what), std::move(on));
    *self = run;
    running_.insert(run);
    const auto started = run->start(std::move(has), *one.input);
    if (started) return;
    on_.log(started.error().detail);
    // Later: whoever publishes an event has other things in hand.
    boost::asio::post(loop_, [this, self] {
        if (const auto failed = self->lock()) ended(failed, hook_outcome::failed);
    });
}

void hooks::ended(const std::shared_ptr<hook_run>& run, hook_outcome how) {
    running_.erase(run);
    on_.ended(how);
    if (!waiting_.empty() && running_.size() < limits_.running) {
        auto next = std::move(waiting_.front());
        waiting_.pop_front();
        start(std::move(next));
    }
    if (done_ && running_.empty()) finished();
}

void hooks::finish(milliseconds limit, std::function<void()> done) {
    done_ = std::move(done);
    end_.expires_after(running_.empty() ? milliseconds{0} : limit);
    end_.async_wait([this](boost::system::error_code cancelled) {
        if (!cancelled && done_) finished();
    });
}

void hooks::finished() {
    over_ = true;
    end_.cancel();
    const auto left = running_.size() + waiting_.size();
    if (left > 0) on_.log("ending " + std::to_string(left) + " hooks that did not come to an end");
    for (const auto& run : std::exchange(running_, {})) run->abandon();
    waiting_.clear();
    std::exchange(done_, nullptr)();
}

}  // namespace termd::platform
