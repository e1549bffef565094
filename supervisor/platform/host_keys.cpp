#include "supervisor/platform/host_keys.hpp"

#include <algorithm>
#include <array>

#include "supervisor/model/target_rules.hpp"

namespace termd::platform {
namespace {

using engine::host_asked_for;
using model::host_key_policy;

constexpr milliseconds patience_without_a_timeout{10'000};
constexpr std::size_t most_remembered = 4096;
constexpr int most_waiting_per_user = 32;

std::string name_of(const host_asked_for& host) { return model::known_name(host.host, host.port); }

}  // namespace

std::string_view to_string(key_change::way value) {
    constexpr std::array<std::string_view, 4> names{"operator", "vouched", "accept-new",
                                                    "forgotten"};
    return names[static_cast<std::size_t>(value)];
}

// Somebody who is still to be answered.
struct host_keys::waiting {
    host_asked_for host;
    std::function<void(result<void>)> then;  // null when he has been
};

host_keys::host_keys(boost::asio::any_io_executor loop, const model::config& settings,
                     key_tools::surroundings tools_have,
                     std::function<void(const key_change&)> tell)
    : tell_(std::move(tell)),
      file_(loop, settings.known_hosts_file()),
      tools_(loop, std::move(tools_have)) {
    configure(settings);
}

void host_keys::configure(const model::config& settings) {
    policy_ = settings.ssh.host_keys;
    connect_timeout_ = settings.ssh.connect_timeout;
    targets_ = settings.targets;
}

milliseconds host_keys::patience() const {
    return connect_timeout_ == milliseconds{0} ? patience_without_a_timeout : connect_timeout_;
}

// ---- what there is ------------------------------------------------------------------------------

void host_keys::look_up(const std::string& host, int port, answer<model::known_keys> then) {
    const auto version = file_.version();
    if (version.empty()) return then(model::known_keys{});  // somebody has removed it
    if (version != known_version_ || known_.size() > most_remembered) known_.clear();
    known_version_ = version;
    const auto name = model::known_name(host, port);
    if (const auto at = known_.find(name); at != known_.end()) return then(at->second);
    auto remember = [this, name, version, then = std::move(then)](result<model::known_keys> keys) {
        if (keys && version == known_version_) known_[name] = *keys;
        then(std::move(keys));
    };
    tools_.find(file_.path(), name,
                [this, host, port, remember](const result<std::vector<model::known_host>>& found) {
                    if (!found) return remember(found.error());
                    model::known_keys known;
                    model::add_to(known, *found);
                    if (port == 22) return remember(std::move(known));
                    look_up_any_port(host, std::move(known), remember);
                });
}

void host_keys::look_up_any_port(const std::string& host, model::known_keys known,
                                 answer<model::known_keys> then) {
    tools_.find(file_.path(), model::known_name(host, 22),
                [known = std::move(known), then = std::move(then)](
                    const result<std::vector<model::known_host>>& found) mutable {
                    if (!found) return then(found.error());
                    model::add_of_any_port(known, *found);
                    then(std::move(known));
                });
}

// `offered` is empty, and so no error, only when the host shows none and the file could be read.
void host_keys::look_at_both(const std::string& host, int port, answer<shown> then) {
    look_up(host, port,
            [this, host, port, then = std::move(then)](const result<model::known_keys>& known) {
                if (!known) return then(known.error());
                tools_.ask_host(host, port, patience(),
                                [known = *known, then](result<std::vector<model::host_key>> keys) {
                                    if (!keys) return then(keys.error());
                                    then(shown{std::move(*keys), known});
                                });
            });
}

// ---- openings -----------------------------------------------------------------------------------

void host_keys::admit(const host_asked_for& host, std::function<void(result<void>)> then) {
    if (policy_ == host_key_policy::strict && !host.key) return then({});
    const auto same = [&](const waiting_ptr& other) { return other->host.user == host.user; };
    if (std::count_if(waiting_.begin(), waiting_.end(), same) >= most_waiting_per_user)
        return then(error{errc::user_limit, "too many hosts are being asked for their keys for " +
                                                host.user});
    const auto one = std::make_shared<waiting>(waiting{host, std::move(then)});
    waiting_.insert(one);
    look_up(host.host, host.port, [this, one](const result<model::known_keys>& known) {
        if (!known) return finish(one, known.error());
        const auto step = model::judge_known(policy_, *known, one->host.key, name_of(one->host));
        if (!step) return finish(one, step.error());
        if (*step == model::next_step::go_on) return finish(one, {});
        ask_host(one);
    });
}

void host_keys::ask_host(const waiting_ptr& one) {
    const auto& host = one->host;
    tools_.ask_host(
        host.host, host.port, patience(),
        [this, one](const result<std::vector<model::host_key>>& offered) {
            if (!offered) return finish(one, offered.error());
            in_turn([this, one, offered = *offered](std::function<void()> done) {
                if (!one->then) return done();  // has been answered meanwhile
                const auto how = one->host.key ? key_change::way::caller_vouched
                                               : key_change::way::accepted_new;
                settle(one->host, policy_, offered, how, [this, one, done](const auto& keys) {
                    finish(one, keys ? result<void>() : keys.error());
                    done();
                });
            });
        });
}

void host_keys::in_turn(turn what) {
    turns_.push_back(std::move(what));
    if (turns_.size() == 1) next_turn();
}

void host_keys::next_turn() {
    const auto what = turns_.front();
    what([this] {
        turns_.pop_front();
        if (!turns_.empty()) next_turn();
    });
}

void host_keys::settle(const host_asked_for& host, host_key_policy policy,
                       const std::vector<model::host_key>& offered, key_change::way how,
                       answer<settled> then) {
    look_up(host.host, host.port,
            [this, host, policy, offered, how,
             then = std::move(then)](const result<model::known_keys>& known) {
                if (!known) return then(known.error());
                const auto keys =
                    model::judge_offered(policy, *known, offered, host.key, name_of(host));
                if (!keys) return then(keys.error());
                add(host, *keys, how, [keys = *keys, then](const result<bool>& added) {
                    if (!added) return then(added.error());
                    then(settled{keys, *added});
                });
            });
}

void host_keys::finish(const waiting_ptr& one, const result<void>& how) {
    waiting_.erase(one);
    if (const auto then = std::exchange(one->then, nullptr)) then(how);
}

void host_keys::give_up(const error& why) {
    for (const auto& one : std::exchange(waiting_, {})) finish(one, why);
}

// An explanation is not worth more than what it explains: without one there is still that.
void host_keys::explain(const host_asked_for& host, error why, std::function<void(error)> then) {
    const auto one = std::make_shared<waiting>();
    one->host = host;
    one->then = [why, then = std::move(then)](const result<void>& how) {
        const bool better = !how && !how.error().keys.empty();
        then(better ? how.error() : why);
    };
    waiting_.insert(one);
    look_at_both(host.host, host.port, [this, one, why](const result<shown>& seen) {
        if (!seen) return finish(one, seen.error());
        finish(one, model::with_keys(why, seen->known, seen->offered, name_of(one->host)));
    });
}

// ---- the file -----------------------------------------------------------------------------------

void host_keys::add(const host_asked_for& host, const std::vector<model::host_key>& keys,
                    key_change::way how, std::function<void(result<bool>)> then) {
    if (keys.empty()) return then(false);
    file_.add(name_of(host), keys,
              [this, host, how, then = std::move(then)](
                  const result<std::vector<model::host_key>>& added) {
                  if (!added) return then(added.error());
                  for (const auto& key : *added) tell_({how, host.by, host.host, host.port, key});
                  then(!added->empty());
              });
}

// ---- operators ----------------------------------------------------------------------------------

result<void> host_keys::check_target(const std::string& host) const {
    if (model::target_allowed(host, targets_.allow, targets_.deny)) return {};
    return error{errc::target_denied, host + " is not among the allowed targets"};
}

void host_keys::list(answer<std::vector<model::known_host>> then) { file_.read(std::move(then)); }

void host_keys::scan(const std::string& host, int port, answer<shown> then) {
    if (const auto allowed = check_target(host); !allowed) return then(allowed.error());
    look_at_both(host, port, std::move(then));
}

void host_keys::trust(const host_asked_for& host, answer<trusted> then) {
    scan(host.host, host.port, [this, host, then = std::move(then)](const result<shown>& seen) {
        if (!seen) return then(seen.error());
        in_turn([this, host, then, offered = seen->offered](std::function<void()> done) {
            settle(host, host_key_policy::ask, offered, key_change::way::operator_said,
                   [then, done](const result<settled>& keys) {
                       if (!keys)
                           then(keys.error());
                       else
                           then(trusted{keys->keys.front(), !keys->was_new});
                       done();
                   });
        });
    });
}

void host_keys::forget(const host_asked_for& host, answer<std::vector<model::host_key>> then) {
    if (file_.version().empty())
        return then(error{errc::not_found, "no key of " + name_of(host) + " is known"});
    tools_.find(file_.path(), name_of(host), [this, host, then](const auto& found) {
        if (!found) return then(found.error());
        file_.forget(name_of(host), *found, [this, host, then](const auto& done) {
            if (!done) return then(done.error());
            for (const auto& key : done->forgotten)
                tell_({key_change::way::forgotten, host.by, host.host, host.port, key});
            if (!done->forgotten.empty()) return then(done->forgotten);
            if (done->stay.empty())
                return then(error{errc::not_found, "no key of " + name_of(host) + " is known"});
            then(error{errc::wrong_state, name_of(host) + " is known by the line of " +
                                              done->stay.front().names +
                                              ", which an administrator has to take out"});
        });
    });
}

}  // namespace termd::platform
