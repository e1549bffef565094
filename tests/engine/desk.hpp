// A termd on a fake world, and somebody at its desk who asks for sessions and waits.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "fake_world.hpp"
#include "inspector.hpp"

namespace termd::test {

using protocol::end_reason;
using protocol::session_state;
using protocol::session_view;

template <class T>
struct answer {
    int times = 0;
    std::optional<result<T>> last;

    bool came() const { return times == 1; }  // exactly once
    bool is_error(errc code) const { return came() && last->has_error() && last->error().code == code; }
    const T& value() const { return last->value(); }
};
template <class T>
using answer_ptr = std::shared_ptr<answer<T>>;

model::config usual_settings();
model::open_request for_user(const std::string& user, const std::string& host = "db1");

class desk {
  public:
    explicit desk(model::config with = usual_settings());
    ~desk();

    // ---- asking
    answer_ptr<engine::opened> open(const model::open_request& request);
    session_id open_ready(const std::string& user = "alice", const std::string& host = "db1");
    answer_ptr<session_view> close(const session_id& id, end_reason why = end_reason::user,
                                   bool now = false);
    session_view show(const session_id& id) const { return termd().show(id).value(); }

    // ---- waiting
    void wait(boot_clock::duration time) { world.run_for(time); }
    bool wait_for_state(const session_id& id, session_state state);

    // ---- looking
    engine::engine& termd() const { return *termd_; }
    engine::inspector inside() const { return {*termd_}; }
    fake_shim& shim_of(const session_id& id) const { return *world.shim_of(id.str()); }
    bool nothing_is_left() const;
    std::vector<std::string> events_of(const session_id& id) const;
    // What was published in all: the session and the type, without "session." in front.
    std::vector<std::pair<std::string, std::string>> events;
    std::vector<engine::measurement> measured;

    // ---- termd is killed, and comes back
    void kill();
    void restart();

    fake_world world;
    model::config settings;  // from the next restart on

  private:
    void start();

    std::unique_ptr<engine::engine> termd_;
};

session_id id_of(const answer_ptr<engine::opened>& opened);

}  // namespace termd::test
