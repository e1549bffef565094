// What termd knows about one session. Three kinds of knowledge are kept apart: the plan, which was
// decided when it was opened; the facts, which the shim and the probes report; and the state, a sum
// type in which each state owns only its own data. session_machine.hpp moves it along.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/result.hpp"
#include "common/time.hpp"
#include "protocol/events.hpp"
#include "protocol/exit_status.hpp"
#include "protocol/session_spec.hpp"
#include "protocol/shim_messages.hpp"
#include "protocol/vocabulary.hpp"
#include "supervisor/model/backoff.hpp"
#include "supervisor/model/log_tail.hpp"

namespace termd::model {

using protocol::end_reason;
using protocol::event_type;
using protocol::exit_status;
using protocol::session_spec;
using protocol::session_state;

// Zero switches a limit off.
struct lifetimes {
    milliseconds ttl{};
    milliseconds idle{};
    milliseconds gone{};
    milliseconds unattached{};
    milliseconds warn_before{};
};

struct timings {
    milliseconds start_timeout{10'000};
    milliseconds login_timeout{11'000};  // until the command shows a sign of life
    milliseconds stop_grace{5'000};
    milliseconds probe_interval{10'000};
    int probe_failures = 3;
    restart_limits restart;
};

// What the command must do before its session is ready.
enum class sign_of_life {
    started,  // run
    output,   // log in, or write something: it may ask for a password
    login,    // log in
};

struct session_plan {
    lifetimes life;
    timings time;
    sign_of_life waits_for = sign_of_life::started;
    boot_time opened{};
    boot_time watched_since{};  // by this termd; later than `opened` if it was adopted
    bool adopted = false;
    double jitter = 0;
};

struct probing {
    boot_time next{};
    bool out = false;    // one is on its way
    bool stale = false;  // and it went to a worker that has been replaced: it proves nothing
    int failures = 0;    // in a row
};

struct opening_state {
    bool recorded = false, greeted = false;  // what the gate waits for
    std::optional<boot_time> started;        // nothing: the shim waits at its gate
    probing probe;
    bool worker_answered = false;
    int workers_tried = 1;
};
struct ready_state {
    probing probe;
};
struct degraded_state {
    std::optional<boot_time> start_at;  // the next worker's; nothing: it is started, not yet proved
    boot_time give_up{};                // for the one that is started
    probing probe;
    bool restarted = false;             // not if it is only proved again, after an adoption
    bool on_another_port = false;       // the last one died unproved: its port may be a stranger's
};
struct closing_state {
    end_reason reason = end_reason::user;
    boot_time kill_at{};  // when termd stops waiting for the shim to do it
    bool killed = false;
    bool stuck = false;   // killing it has changed nothing
};
struct closed_state {
    end_reason reason = end_reason::user;
    std::optional<exit_status> exit;
};
using state = std::variant<opening_state, ready_state, degraded_state, closing_state, closed_state>;

// After an adoption it takes the shim a moment to say who is there and when somebody last typed;
// until then nothing may be concluded from not knowing it.
inline constexpr milliseconds settling{10'000};

struct session_facts {
    bool heard = false;  // the shim has said what there was to say; who is attached comes last
    protocol::shim::command_state command;
    protocol::shim::worker_state worker;
    // What is told meanwhile is about one that is being replaced, and no news.
    protocol::shim::worker_state worker_told;
    int workers_awaited = 1;  // those that were started and have not been told of yet
    protocol::shim::clients_state clients;
    std::optional<boot_time> last_input, last_heartbeat;
    std::optional<boot_time> last_probe;
    bool last_probe_ok = false;
    microseconds last_probe_took{};
    int restarts = 0;
    protocol::shim::recording_state recording;
    log_tail log{200};  // of ttyd and the shim
    // Even an empty deque would have half a KiB.
    std::vector<std::string> ssh_log;  // the last lines of ssh about itself
};

// The instants at which the session ends unless something happens before; nothing: never.
struct ends {
    std::optional<boot_time> ttl, idle, gone, unattached;
};

struct session {
    session_spec spec;
    session_plan plan;
    session_facts facts;
    model::state state;
    model::backoff backoff;
    std::optional<boot_time> expires;      // the hard end, by ttl and extensions
    ends warned_of;                        // as they were announced last
    std::vector<std::string> notices;      // waiting for the next heartbeat
    std::optional<error> failure;          // why it did not start, or failed
    std::uint64_t revision = 0;
};

session_state name_of(const state& value);
inline bool is_live(const session& s) {
    return !std::holds_alternative<closing_state>(s.state) &&
           !std::holds_alternative<closed_state>(s.state);
}

ends ends_of(const session& s);

// The next end that is to be announced to the user; one that has been is not again, one that moved
// is. A keystroke puts only the idle end off, so it is worth a word only if it is the first to come.
struct warning {
    boot_time at, end;
    bool by_idle;
};
std::optional<warning> next_warning(const session& s);

}  // namespace termd::model
