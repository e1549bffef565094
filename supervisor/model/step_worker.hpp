// Parts of the session machine: its ttyd, from one to the next, and when it is probed. Only
// session_machine.cpp and its parts (step_*) include this.
#pragma once

#include "supervisor/model/session_machine.hpp"

namespace termd::model {

// Until when the command has to have shown its sign of life.
boot_time command_deadline(const session& s, boot_time started);

// ---- probes

inline bool probes_are_on(const session& s) {
    return s.plan.time.probe_interval != milliseconds{0};
}
// Probes of all sessions fall on few ticks, four in an interval: in a burst they cost a quarter of
// what they cost spread out, because whatever they touch is warm.
boot_time next_probe(const session& s, boot_time now);
void probe_if_due(probing& p, boot_time now, actions& out);
// A worker that was just started is asked when it says that it listens (after some 4 ms), and, should
// it not say so, soon and often.
milliseconds probe_delay_at_start(int failures);
void probe_again_soon(probing& p, boot_time now);
// For another worker, or the same one in another state. An answer that is on its way may be the
// last one's, or that of a stranger who took its port: it is waited for, since only one may be
// out, but it proves nothing.
probing probe_anew(const probing& last, boot_time at);
probing* probe_of(session& s);  // none while nobody is probed

// ---- workers

// The shim tells of every worker that it starts, in order, and of its end if it was not replaced;
// after an adoption of the one it has. So it is known which one a fact is about.
bool is_about_current_worker(session_facts& known, const protocol::shim::worker_state& told);
void worker_ended(session& s, boot_time now, actions& out);
// After the back-off; the end of the session when there were too many already.
void start_again_later(session& s, boot_time now, actions& out, bool on_another_port = false);
void start_worker_now(session& s, degraded_state& d, boot_time now, actions& out);

}  // namespace termd::model
