// Parts of the session machine: how a session comes to its end, and what its opener is told when it
// never began. Only session_machine.cpp and its parts (step_*) include this.
#pragma once

#include <string>
#include <string_view>

#include "supervisor/model/session_machine.hpp"

namespace termd::model {

// How long after the shim's own grace termd waits before it kills the group itself.
inline constexpr milliseconds shim_margin{2'000};

template <class State>
State* in(session& s) {
    return std::get_if<State>(&s.state);
}

std::string notice_of_end(end_reason why, const std::string& text);

void become(session& s, state next, actions& out, event_type published);

// Legal from every state but closed: one that is closing already keeps its reason and can only be
// made to end sooner.
void close(session& s, end_reason why, milliseconds grace, std::string text, boot_time now,
           actions& out);
void fail_to_start(session& s, error why, boot_time now, actions& out);

// What has become of its recording since the last time. Told again by the next termd: it may have been
// away when it happened.
void tell_recording(session& s, const protocol::shim::recording_state& before, actions& out);
// Of one that its shim ends as failed.
error explain_failure(const session& s);

// What ssh's own words mean for the one who asked.
error explain_command_failure(const session& s);
// The same for a session that ended without our asking before it was ready.
error explain_early_end(const session& s, end_reason why);

}  // namespace termd::model
