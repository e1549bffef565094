// What is put on record of everything that happens: of each session when it was opened and how it
// ended, of each event a row of the audit trail.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "os/boot_timer.hpp"
#include "supervisor/engine/ports.hpp"
#include "supervisor/platform/history.hpp"

namespace termd {

class chronicle final : public engine::recorder {
  public:
    // Whose sessions live is asked when there is another file, which has never heard of them.
    using sessions = std::function<std::vector<protocol::session_view>()>;
    chronicle(boost::asio::any_io_executor loop, std::string file, std::string boot_id,
              sessions live);
    ~chronicle() override;

    // Once the sessions of before are known: those that are not among them have ended unseen.
    void begin(std::set<std::string> live);
    // From now on what has been over for longer is removed, once a day; zero: never.
    void keep_for(milliseconds time);

    void note(const engine::session_event& event);
    // Of no session that lives; `user` may be "", `about` is JSON.
    void note(protocol::event_type type, const std::string& user, const std::string& about,
              const std::string& session = {});

    // engine/ports.hpp; nobody waits longer than 5 s for an end to be put on record.
    bool can_record() const override { return history_.available(); }
    void when_opening_kept(const session_id& id, std::function<void(result<void>)> then) override;
    void when_end_kept(const session_id& id, std::function<void()> kept,
                       std::function<void()> settled) override;

    platform::history& history() { return history_; }

  private:
    void told(const platform::history_news& news);
    void opened(const protocol::session_view& session);
    void write(const std::string& session);
    void closed(const engine::session_event& event);
    void forget(const std::string& session);
    void settle_overdue();
    protocol::audit_entry entry_for(protocol::event_type type) const;
    void expire();

    std::string boot_id_;
    sessions live_;
    os::boot_timer daily_;
    milliseconds keep_{};
    struct fate {  // of an opening that is not on record
        protocol::session_opened what;
        bool failed = false;
        std::vector<std::function<void(result<void>)>> waiting;
    };
    std::map<std::string, fate> fates_;
    struct end {  // that is not on record
        std::function<void()> kept, settled;
    };
    std::map<std::string, end> ends_;
    std::deque<std::pair<boot_time, std::string>> settle_by_;  // the soonest first
    os::boot_timer settle_timer_;
    platform::history history_;  // says at its end what could not be written
};

}  // namespace termd
