// The table of all sessions: feeds the session machines with what happens and carries out what they
// answer. One thread, no waiting: whatever takes time is started here and its end comes back as an
// event. One ordered set of deadlines, one alarm; nothing ever walks over all sessions to see
// whether something is due.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "supervisor/engine/host_keys.hpp"
#include "supervisor/engine/ports.hpp"
#include "supervisor/model/config.hpp"
#include "supervisor/model/port_pool.hpp"
#include "supervisor/model/programs.hpp"
#include "supervisor/model/rate_limit.hpp"
#include "supervisor/model/requests.hpp"
#include "supervisor/model/session_machine.hpp"

namespace termd::engine {

struct opened {
    protocol::session_view session;
    protocol::access_grant access;
    bool reused = false;
};

struct both_clocks {
    boot_time boot;
    wall_time wall;
};

struct session_filter {
    std::optional<std::string> user, host;
    std::optional<protocol::session_state> state;
    std::map<std::string, std::string> labels;
};

class engine final : public session_events {
  public:
    engine(model::config settings, model::surroundings where, session_host& host,
           worker_prober& prober, machine& box, alarm& timer, event_sink& events,
           recorder& records, host_gate& hosts);
    ~engine() override;

    // ---- requests; `done` is called once, at once or later

    void open(const model::open_request& request, std::function<void(result<opened>)> done);
    // With the session as it was when its last process had gone. Idempotent.
    void close(const session_id& id, protocol::end_reason why, const std::string& text, bool now,
               std::function<void(result<protocol::session_view>)> done);
    void close_all(protocol::end_reason why, std::function<void()> done, bool now = false);
    // Takes nothing more in, and undoes what is still being opened; all other sessions go on.
    void leave(std::function<void()> done);
    // The client of a session is alive; answers what waits for it. Of one that has ended the last
    // notices can be had once, too; then it is wrong_state.
    struct heartbeat_answer {
        std::optional<milliseconds> expires_in, idle_in;
        std::vector<std::string> notices;
    };
    result<heartbeat_answer> heartbeat(const session_id& id);
    // To live for `ttl` from now, if that is longer; zero: without end. Bounded by
    // sessions.ttl_max.
    result<protocol::session_view> extend(const session_id& id, milliseconds ttl);
    result<protocol::session_view> restart(const session_id& id);  // a new ttyd, the same ssh
    // A new way in; `ttl` zero: for as long as the session lives.
    result<protocol::access_grant> issue_token(const session_id& id, protocol::role as,
                                               milliseconds ttl);
    result<void> revoke_tokens(const session_id& id);  // who is attached stays
    // A ticket of a session without a port becomes the secret of a cookie, once. `from`: the browser's
    // address, which is remembered for a while when the ticket is wrong.
    struct cookie {
        std::string secret;
        milliseconds lasts;  // in the browser, at most
    };
    result<cookie> redeem_ticket(const session_id& id, std::string_view ticket,
                                 const std::string& from);
    bool guesses_too_much(const std::string& from) const;
    // Where the proxy leads whoever brings that secret, a cookie's or a token; `to_attach`: with what
    // termd-attach is to show the shim, good for a moment.
    struct way_through {
        std::string socket, attach;
    };
    result<way_through> let_through(const session_id& id, protocol::access_key::kind is,
                                    std::string_view secret, bool to_attach);
    result<void> show_message(const session_id& id, const std::string& text);
    result<void> attachable(const session_id& id) const;  // it lives, and runs
    result<std::vector<std::string>> log_of(const session_id& id) const;  // oldest first
    void drain();  // no new sessions from here on; those that are go on
    // Other settings, for what happens from here on; sessions keep what they were opened with.
    // Paths and workers.address and .ports must be what they were.
    void reconfigure(const model::config& settings);

    // A session whose shim lives, from its record.
    void adopt(const protocol::session_record& record);
    // One that was adopted and is not ours to keep: it goes on without us, and so its port stays
    // taken.
    void forget(const session_id& id);
    // One that ended while no termd was there, with its shim's last word; it can be shown, as one
    // that was closed just now.
    void record_ended(const protocol::session_record& record,
                      const std::optional<protocol::exit_record>& last_word);

    // The whole id or a unique beginning of it; sessions that were closed lately are found too.
    result<session_id> find(std::string_view prefix) const;
    result<protocol::session_view> show(const session_id& id) const;
    // As protocol::json_text() has it. It is kept until something of the session changes: who waits for
    // news asks much more often than there are any.
    result<std::string> show_json(const session_id& id) const;
    result<std::string> owner_of(const session_id& id) const;  // the user
    // In order of their ids; closed ones only when asked for by state.
    std::vector<protocol::session_view> list(const session_filter& filter) const;
    void list_json(json_writer& out, const session_filter& filter) const;
    protocol::status_view status() const;

    // ---- events

    void told(const session_id& id, const protocol::shim::fact& fact) override;
    void gone(const session_id& id, std::optional<protocol::exit_record> last_word) override;
    void probed(const session_id& id, probe_verdict verdict, microseconds took,
                std::string why) override;
    void time_passed();

  private:
    friend struct inspector;  // tests/engine
    struct entry;
    using entry_ptr = std::unique_ptr<entry>;

    using opening_done = std::function<void(result<opened>)>;
    result<void> check_target(const model::open_request& request) const;
    result<std::optional<std::string>> check_new(const model::open_request& request);
    void begin(const model::open_request& request, opening_done done);
    void refuse(const model::open_request& request, const error& why, const opening_done& done);
    opening_done with_host_keys(const model::open_request& request, opening_done done);
    result<void> check_limits(const model::open_request& request) const;
    result<void> resolve_programs();
    entry* reusable(const model::open_request& request);
    void reuse(entry& e, bool wait, std::function<void(result<opened>)> done);
    void admit(entry& e, const std::string& token, std::function<void(result<opened>)> done);
    void give(entry& e, const std::string& token, protocol::shim::grant as);
    result<void> check_pace(const std::string& user);
    result<entry*> start(const model::open_request& request, const std::string& token);
    model::session_plan plan_for(const model::open_request& request,
                                 const std::optional<std::string>& key);
    protocol::shim::start start_message(const model::open_request& request, const entry& e,
                                        const std::optional<std::string>& key,
                                        const std::string& token) const;
    entry& insert(model::session session, protocol::session_record record);

    void happen(entry& e, const model::event& what);
    void take(entry& e, const model::event& what);
    void perform(entry& e, const model::action& what);
    void send(entry& e, protocol::shim::request message);
    void on(entry& e, const model::act::start&);
    void on(entry& e, const model::act::probe&);
    void on(entry& e, const model::act::start_worker& a);
    std::optional<int> take_port();
    bool move_to_another_port(entry& e);
    void on(entry& e, const model::act::stop& a);
    void on(entry& e, const model::act::kill&);
    void on(entry& e, const model::act::show& a);
    void on(entry& e, const model::act::set_deadline& a);
    void on(entry& e, const model::act::became_ready&);
    void on(entry& e, const model::act::publish& a);
    void on(entry& e, const model::act::release&);

    void publish(const entry& e, protocol::event_type type);
    void publish_end(const protocol::session_view& last);
    void token_issued(const entry& e, protocol::role as);
    void token_refused(entry& e, std::int64_t count);
    void line_typed(const entry& e, const protocol::shim::typed_line& line);
    error limit_hit(measured::limit which, std::string detail) const;

    void not_reusable(entry& e);
    entry_ptr take_out(entry& e);
    void part_with(entry& e);
    void keep_end(const session_id& id, std::function<void()> settled);
    void tell_if_empty();
    void reschedule(entry& e);
    void set_alarm();
    void remember_closed(entry& e);
    std::string new_token();
    session_id new_id();
    opened answer(entry& e, const std::string& token, bool reused);
    protocol::access_grant access(entry& e, const std::string& token,
                                  const protocol::shim::grant& as = {});
    void add_key(entry& e, const protocol::access_key& key);
    result<entry*> behind_proxy(const session_id& id) const;
    error key_refused(entry& e);
    milliseconds longest_use(const entry& e, const protocol::access_key& key) const;
    std::string new_ticket(entry& e, const protocol::shim::grant& as);
    std::string new_attach_key(entry& e, protocol::role as);
    template <class Live, class Closed>
    void each_of(const session_filter& filter, Live live, Closed closed) const;
    both_clocks now() const;
    void write(json_writer& out, const entry& e, both_clocks at) const;
    protocol::session_view view(const entry& e) const;
    protocol::session_view view(const entry& e, both_clocks at) const;
    entry* entry_of(const session_id& id) const;
    std::vector<std::string> take_last_notices(const session_id& id);
    result<entry*> live_entry(const session_id& id) const;
    result<entry*> running_entry(const session_id& id) const;  // live, and no longer opening

    model::config settings_;
    model::surroundings where_;
    session_host& host_;
    worker_prober& prober_;
    machine& box_;
    alarm& timer_;
    event_sink& events_;
    recorder& records_;
    host_gate& hosts_;

    model::port_pool ports_;
    model::rate_limit openings_;
    model::rate_limit guesses_{10.0 / 60, 10};  // wrong tickets, by address
    std::map<std::string, entry_ptr> table_;         // in order, for listings and prefixes
    std::unordered_map<std::string, entry*> by_id_;  // the same ones
    std::unordered_map<std::string, int> per_user_;
    std::unordered_map<std::string, std::vector<entry*>> reusable_;    // by reuse key, oldest first
    std::map<std::pair<boot_time, std::uint64_t>, entry*> deadlines_;  // by instant and number
    std::uint64_t entries_made_ = 0;
    struct closed_session {
        protocol::session_view session;
        std::vector<std::string> notices;  // for one more heartbeat
    };
    std::map<std::string, closed_session> closed_;  // the last ones
    std::deque<std::string> closed_order_;
    int unsettled_ = 0;  // ends that are still to be put on record
    std::function<void()> when_empty_;
    bool draining_ = false;
    boot_time started_{};
};

}  // namespace termd::engine
