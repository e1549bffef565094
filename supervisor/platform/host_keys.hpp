// The trusted host keys: what openings need of them and what operators do with them. The rules are
// model/host_trust.hpp; this asks for what they want to know, one question after the other, and puts into
// the file what they decide. What the file says of a host is remembered for as long as the file is the same,
// so an opening to a known host asks nobody.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "supervisor/engine/host_keys.hpp"
#include "supervisor/model/config.hpp"
#include "supervisor/platform/key_tools.hpp"
#include "supervisor/platform/known_hosts_file.hpp"

namespace termd::platform {

// For the audit trail.
struct key_change {
    enum class way { operator_said, caller_vouched, accepted_new, forgotten };
    way how;
    std::string by, host;
    int port;
    model::host_key key;
};
std::string_view to_string(key_change::way value);  // "operator", "vouched", "accept-new", "forgotten"

class host_keys final : public engine::host_gate, public engine::host_book {
  public:
    host_keys(boost::asio::any_io_executor loop, const model::config& settings,
              key_tools::surroundings tools_have, std::function<void(const key_change&)> tell);

    // Other settings from here on; the file stays where it was.
    void configure(const model::config& settings);

    // engine::host_gate
    void admit(const engine::host_asked_for& host, std::function<void(result<void>)> then) override;
    void explain(const engine::host_asked_for& host, error why,
                 std::function<void(error)> then) override;
    void give_up(const error& why) override;

    // engine::host_book
    void list(answer<std::vector<model::known_host>> then) override;
    void scan(const std::string& host, int port, answer<shown> then) override;
    void trust(const engine::host_asked_for& host, answer<trusted> then) override;
    void forget(const engine::host_asked_for& host,
                answer<std::vector<model::host_key>> then) override;

  private:
    struct waiting;
    using waiting_ptr = std::shared_ptr<waiting>;

    milliseconds patience() const;
    result<void> check_target(const std::string& host) const;
    void look_up(const std::string& host, int port, answer<model::known_keys> then);
    void look_up_any_port(const std::string& host, model::known_keys known,
                          answer<model::known_keys> then);
    void look_at_both(const std::string& host, int port, answer<shown> then);
    void ask_host(const waiting_ptr& one);
    // What is decided hangs on what the file says, and changes it: one after the other.
    using turn = std::function<void(std::function<void()> done)>;
    void in_turn(turn what);
    void next_turn();
    struct settled {
        std::vector<model::host_key> keys;
        bool was_new = false;
    };
    // Judges what the host shows by what is known now, which may be more than when it was asked.
    void settle(const engine::host_asked_for& host, model::host_key_policy policy,
                const std::vector<model::host_key>& offered, key_change::way how,
                answer<settled> then);
    // Whether any of them is new.
    void add(const engine::host_asked_for& host, const std::vector<model::host_key>& keys,
             key_change::way how, std::function<void(result<bool>)> then);
    void finish(const waiting_ptr& one, const result<void>& how);

    model::host_key_policy policy_{};
    milliseconds connect_timeout_{};
    model::config::targets_section targets_;
    std::function<void(const key_change&)> tell_;
    known_hosts_file file_;
    key_tools tools_;
    std::set<waiting_ptr> waiting_;
    std::deque<turn> turns_;  // the first is under way
    std::map<std::string, model::known_keys> known_;  // by name, of known_version_
    std::string known_version_;
};

}  // namespace termd::platform
