// The life of a session, as a pure function: an event and an instant in, actions out. No clock,
// descriptor, environment or random number inside; every event is answered in every state.
//
//   opening ──► ready ◄──► degraded        any of them ──► closing ──► closed
//
// A session is `closed` only when no process of it is left, and then it has exactly one reason.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "supervisor/model/session.hpp"

namespace termd::model {

// ---- what happens ------------------------------------------------------------------------------

namespace happened {

struct recorded {  // that it was opened; or it cannot be
    std::optional<error> failure;
};
struct greeted {};  // the shim is at its gate: what it is sent is read, whatever becomes of us
struct command_changed {
    protocol::shim::command_state now;
};
struct worker_changed {
    protocol::shim::worker_state now;
};
struct clients_changed {
    protocol::shim::clients_state now;
};
struct input_seen {
    boot_time at;
};
struct logged {
    protocol::shim::log_line line;
};
struct recording_changed {
    protocol::shim::recording_state now;
};
struct shim_is_ending {  // by itself: the command ended, or its deadline came
    end_reason why;
};
struct probe_answered {  // 200, by a listener that belongs to our worker
    microseconds took;
};
struct probe_failed {
    std::string why;
};
struct probe_impossible {};  // this machine could not ask; it is no sign of anything
struct close_asked {
    end_reason why;
    std::string text;  // for the terminal
    bool now = false;  // skip the grace
};
struct restart_asked {};
struct heartbeat {};
struct extended {
    std::optional<boot_time> expires;  // nothing: no end
};
struct gone {       // no process is left
    std::optional<end_reason> why;  // the shim's last word; nothing when it could not say one
    std::optional<exit_status> exit;
};
struct time_passed {};

}  // namespace happened

using event =
    std::variant<happened::recorded, happened::greeted, happened::command_changed, happened::worker_changed, happened::clients_changed,
                 happened::input_seen, happened::logged, happened::recording_changed, happened::shim_is_ending,
                 happened::probe_answered, happened::probe_failed, happened::probe_impossible,
                 happened::close_asked, happened::restart_asked, happened::heartbeat,
                 happened::extended, happened::gone, happened::time_passed>;

// ---- what is to be done ------------------------------------------------------------------------

namespace act {

struct start {};  // the gate may be opened
struct probe {};
struct start_worker {
    bool on_another_port = false;  // the last one could not have its own
};
struct stop {  // the shim ends the session
    end_reason why;
    milliseconds grace;
    std::string text;
};
struct kill {};  // the shim did not, or is not started: the whole group, from outside
using show = protocol::shim::show;
struct set_deadline {
    std::optional<boot_time> at;
};
struct became_ready {};
struct publish {
    protocol::event_type type;
};
struct release {};  // closed: port and directory go, whoever waits is answered

}  // namespace act

using action = std::variant<act::start, act::probe, act::start_worker, act::stop, act::kill, act::show,
                            act::set_deadline, act::became_ready, act::publish, act::release>;
using actions = std::vector<action>;

// A session whose gate opens when its shim is there and the opening is on record.
session begin(session_spec spec, session_plan plan);
// A session found alive by a termd that was away. `degraded` until a probe has proved its ttyd.
session resume(session_spec spec, session_plan plan, std::optional<boot_time> expires,
               boot_time now);

actions step(session& s, const event& what, boot_time now);

// Of a session of which `login.failed` is published.
protocol::login_failure why_login_failed(const session& s);

// When time_passed is due next; nothing for a closed session. Every other one has a deadline.
std::optional<boot_time> next_deadline(const session& s);

}  // namespace termd::model
