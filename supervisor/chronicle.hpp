// What is put on record of everything that happens: of each session when it was opened and how it
// ended, of each event a row of the audit trail.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "os/boot_timer.hpp"
#include "supervisor/engine/ports.hpp"
#include "supervisor/platform/history.hpp"

namespace termd {

class chronicle {
  public:
    chronicle(boost::asio::any_io_executor loop, std::string file, std::string boot_id);

    // Once the sessions of before are known: those that are not among them have ended unseen.
    void begin(std::set<std::string> live);
    // From now on what has been over for longer is removed, once a day; zero: never.
    void keep_for(milliseconds time);

    void note(const engine::session_event& event);
    // Of termd itself; `about` is JSON.
    void note(protocol::event_type type, const std::string& about);

    // When it is known whether the opening of that session is on record for good; an error when it
    // cannot be just now, and then nobody may be let in. Whoever asks again is an occasion to try
    // again: a session that was taken up lives, whether it could be recorded or not.
    void when_durable(const std::string& session, std::function<void(result<void>)> then);

    platform::history& history() { return history_; }

  private:
    void opened(const protocol::session_view& session);
    void write(const std::string& session);
    void forget(const std::string& session);
    void audit(protocol::audit_entry entry);
    void expire();

    std::string boot_id_;
    platform::history history_;
    os::boot_timer daily_;
    milliseconds keep_{};
    struct fate {  // of an opening that is not on record
        protocol::session_opened what;
        bool failed = false;
        std::vector<std::function<void(result<void>)>> waiting;
    };
    std::map<std::string, fate> fates_;
};

}  // namespace termd
