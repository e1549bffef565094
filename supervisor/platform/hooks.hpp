// Programs that are run on events (interface §2, [[hooks]]). Nothing waits for them: a few run at
// once, some more wait, and what is beyond that is dropped and counted, so that neither a hook that
// hangs nor a flood of events can hold up termd or fill the machine.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/time.hpp"
#include "protocol/events.hpp"
#include "supervisor/platform/hook_run.hpp"

namespace termd::platform {

struct hook_limits {
    std::size_t running = 8, waiting = 256;
};

class hooks {
  public:
    struct callbacks {
        std::function<void(std::string)> log;  // a line, safe to print
        std::function<void(hook_outcome)> ended;
    };

    using surroundings = hook_run::surroundings;  // of every hook; TERMD_EVENT is added
    hooks(boost::asio::any_io_executor loop, surroundings hooks_have, callbacks on,
          hook_limits limits = {});
    ~hooks();  // kills those that run
    hooks(const hooks&) = delete;
    hooks& operator=(const hooks&) = delete;

    void configure(std::vector<model::config::hook> all) { all_ = std::move(all); }
    void run_on(protocol::event_type type, const std::string& json);
    // Lets those that run and wait come to their ends, kills what is left after `limit`, and calls
    // `done`, once, from the loop. None is started for events that come after `done`. Asked again, the
    // later words count.
    void finish(milliseconds limit, std::function<void()> done);

  private:
    struct job {
        model::config::hook what;
        protocol::event_type type;
        std::shared_ptr<const std::string> input;
    };

    void add(job one);
    void start(job one);
    void drop();
    void ended(const std::shared_ptr<hook_run>& run, hook_outcome how);
    void finished();

    boost::asio::any_io_executor loop_;
    surroundings hooks_have_;
    callbacks on_;
    hook_limits limits_;
    std::vector<model::config::hook> all_;
    std::deque<job> waiting_;
    std::set<std::shared_ptr<hook_run>> running_;
    std::uint64_t dropped_ = 0;  // and not yet logged
    std::optional<boot_time> drops_logged_;
    boost::asio::steady_timer end_;
    std::function<void()> done_;
    bool over_ = false;
};

}  // namespace termd::platform
