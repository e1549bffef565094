// What comes before the daemon: being the only one, the sockets, the signals.
#pragma once

#include <string>

#include "protocol/vocabulary.hpp"
#include "supervisor/model/config.hpp"

namespace termd {

// Until it was told to end, or could not start: termd's exit status.
int run_daemon(const model::config& settings, const std::string& config_file);

// Ends all sessions, whether a termd runs, has ended without them, or is stuck: the running one is
// told to do it, and is killed when it does not in good time; what is there then is taken up and
// ended here. Returns when all is on record.
int end_sessions(const model::config& settings, const std::string& config_file,
                 protocol::end_reason why);

// Signals come while the loop runs and can answer them, in the one thread that holds them back until
// then; the threads that are started meanwhile never get any. Afterwards one more request to end
// must not turn a good end into a bad one.
void hold_signals(bool held);

}  // namespace termd
