// One random life of a whole termd: sessions opened, used and ended in every way that the fakes
// know, under a clock moved by hand, with what must hold checked after every step. The same seed
// is the same life.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "fake_world.hpp"
#include "inspector.hpp"

namespace termd::test {

using protocol::end_reason;
using protocol::session_state;

// What all lives together have seen, so that it shows when a simulation has become hollow.
struct tally {
    std::uint64_t steps = 0, sessions = 0, opened = 0, refused = 0, reused = 0, restarted = 0,
                  stuck = 0, warned = 0, crashes = 0, adopted = 0, drained = 0;
    std::array<std::uint64_t, 13> reasons{};  // by end_reason
};

class simulation {
  public:
    simulation(std::uint64_t seed, int steps, tally& seen, bool tell = false);
    void run();  // throws violation
    int at_step() const { return step_; }

  private:
    // What is known of a session from outside.
    struct story {
        fake_shim* shim = nullptr;
        std::string user;
        boot_time opened{};
        std::optional<end_reason> closing;
        boot_time closing_since{};
        bool closed = false, was_ready = false;
        std::vector<end_reason> asked;  // for its end
        boot_time last_heartbeat{};
        boot_time watched_since{};
        std::array<boot_time, 4> inputs{};  // the last ones
        std::size_t next_input = 0;
        boot_time attached_since{}, alone_since{};
    };

    // ---- what happens (simulation.cpp, acts.cpp)
    void set_up();
    model::config draw_settings();
    worker_manner draw_worker();
    command_manner draw_command();
    void start_termd();
    void crash_termd();
    void one_step();
    void let_time_pass();
    void act();
    void ask_termd();
    void befall_session();
    void befall_machine();
    void open();
    void close();
    void close_from_within(const std::string& id);
    void look();
    void end_of_life();
    void drain();
    int expect_answer();
    bool is_answer(int ask);
    fake_shim* some_shim();
    story* story_of(const std::string& id);

    // ---- what must hold (rules.cpp)
    void check();
    void check_table();
    void check_session(const model::session& s, const protocol::session_record& r, bool settled);
    void check_facts(const model::session& s, const fake_shim& truth);
    void check_closing(const model::session& s, const fake_shim& truth);
    void check_nothing_left();
    void on_event(const engine::session_event& event);
    void check_reason(const story& of, end_reason why);
    void check_proof(const story& of);
    void check_refusal(const error& why, const std::string& user);

    void trace(const char* what, const char* more) const;
    bool chance(int in) { return random_.one_in(in); }
    engine::inspector inside() const { return {*termd_}; }

    random_source random_;
    const int steps_;
    tally& seen_;
    const bool tell_;  // print what happens
    int step_ = 0;
    fake_world world_;
    model::config settings_;
    std::unique_ptr<engine::engine> termd_;
    std::unordered_map<std::string, story> stories_;
    std::vector<int> answers_;  // one for each question to this termd: how often it was answered
    int incarnation_ = 0;
    int acts_, crashes_;        // one in so many steps
    bool draining_ = false;
};

}  // namespace termd::test
