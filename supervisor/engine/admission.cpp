// Whether a session may be opened: what is asked before there is anything of it.
#include "supervisor/engine/engine.hpp"
#include "supervisor/engine/entry.hpp"
#include "supervisor/model/target_rules.hpp"

namespace termd::engine {
namespace {

host_asked_for host_of(const model::open_request& request) {
    return {request.host, request.port, request.by, request.user, request.host_key};
}

bool is_about_host_keys(const error& why) {
    return why.code == errc::host_untrusted || why.code == errc::host_key_changed;
}

}  // namespace

// A host is asked for its keys when nothing else is in the way; others are served meanwhile, so all of
// it is asked again afterwards.
void engine::open(const model::open_request& request, opening_done done) {
    done = with_host_keys(request, std::move(done));
    if (const auto may = check_target(request); !may) return refuse(request, may.error(), done);
    if (entry* running = reusable(request)) {
        if (const auto paced = check_pace(request.user); !paced)
            return refuse(request, paced.error(), done);
        return reuse(*running, request.wait, std::move(done));
    }
    if (const auto may = check_new(request); !may) return refuse(request, may.error(), done);
    if (const auto paced = check_pace(request.user); !paced)
        return refuse(request, paced.error(), done);
    if (request.command != "ssh") return begin(request, std::move(done));
    hosts_.admit(host_of(request), [this, request, done](const result<void>& trusted) {
        if (!trusted) return refuse(request, trusted.error(), done);
        begin(request, done);
    });
}

void engine::begin(const model::open_request& request, opening_done done) {
    if (const auto may = check_target(request); !may) return refuse(request, may.error(), done);
    if (entry* running = reusable(request)) return reuse(*running, request.wait, std::move(done));
    const std::string token = new_token();
    const auto started = start(request, token);
    if (!started) return refuse(request, started.error(), done);
    entry& e = **started;
    e.openers.push_back({token, false, request.wait, std::move(done)});
    records_.when_opening_kept(e.session.spec.id, [this, id = e.session.spec.id](const auto& kept) {
        entry* waiting = entry_of(id);
        if (waiting == nullptr) return;
        model::happened::recorded event;
        if (!kept) event.failure = kept.error();
        happen(*waiting, event);
    });
}

void engine::refuse(const model::open_request& request, const error& why,
                    const opening_done& done) {
    events_.refused(request, why);
    done(why);
}

// When it was ssh that did not accept the host's key, whoever asked is shown the keys there are.
engine::opening_done engine::with_host_keys(const model::open_request& request,
                                            opening_done done) {
    if (request.command != "ssh") return done;
    return [this, host = host_of(request), done = std::move(done)](result<opened> got) {
        if (got || !is_about_host_keys(got.error()) || !got.error().keys.empty())
            return done(std::move(got));
        hosts_.explain(host, got.error(), [done](const error& why) { done(why); });
    };
}

void engine::drain() {
    draining_ = true;
    hosts_.give_up(error{errc::draining, "termd takes no new sessions"});
}

result<void> engine::check_target(const model::open_request& request) const {
    if (draining_) return error{errc::draining};
    const auto& rules = settings_.targets;
    if (!request.host.empty() && !model::target_allowed(request.host, rules.allow, rules.deny))
        return error{errc::target_denied, request.host + " is not among the allowed targets"};
    return {};
}

engine::entry* engine::reusable(const model::open_request& request) {
    if (!settings_.sessions.reuse || !request.reuse) return nullptr;
    const auto alike = reusable_.find(reuse_key(spec_for(request, {})));
    if (alike == reusable_.end()) return nullptr;
    for (entry* e : alike->second)
        if (model::is_live(e->session) && e->has_socket() == settings_.uses_sockets()) return e;
    return nullptr;
}

result<void> engine::check_limits(const model::open_request& request) const {
    const auto& limits = settings_.sessions;
    const auto mine = per_user_.find(request.user);
    if (mine != per_user_.end() && mine->second >= limits.max_per_user)
        return limit_hit(measured::limit::user,
                         request.user + " has " + std::to_string(mine->second) + " sessions; " +
                             std::to_string(limits.max_per_user) + " are allowed");
    if (static_cast<int>(table_.size()) >= limits.max_total)
        return limit_hit(measured::limit::total,
                         std::to_string(limits.max_total) + " sessions are allowed in all");
    return {};
}

result<void> engine::check_pace(const std::string& user) {
    if (openings_.take(user, box_.boot_now())) return {};
    return limit_hit(measured::limit::rate, user + " opens sessions too fast");
}

// Looked for at every opening: what was missing may have been installed since.
result<void> engine::resolve_programs() {
    const auto ttyd = box_.find_program(settings_.ttyd.path);
    const auto ssh = box_.find_program(settings_.ssh.path);
    if (!ttyd.empty()) where_.ttyd = ttyd;
    if (!ssh.empty()) where_.ssh = ssh;
    const bool own = settings_.ttyd.page == model::page_kind::termd && box_.can_read(where_.page_file);
    where_.page = own ? where_.page_file : "";  // without it a session is still of use
    if (ttyd.empty())
        return error{errc::ttyd_missing, settings_.ttyd.path + " is not there or not executable"};
    if (ssh.empty())
        return error{errc::start_failed, settings_.ssh.path + " is not there or not executable"};
    return {};
}

// The key for ssh comes with it; there may be none.
result<std::optional<std::string>> engine::check_new(const model::open_request& request) {
    if (!records_.can_record())
        return error{errc::history_unavailable, "what happens cannot be put on record just now"};
    if (const auto allowed = check_limits(request); !allowed) return allowed.error();
    if (const auto found = resolve_programs(); !found) return found.error();
    if (request.command != "ssh" || settings_.ssh.keys.empty()) return std::optional<std::string>();
    std::string problems;
    for (const auto& key : settings_.ssh.keys) {
        const auto problem = box_.key_problem(key);
        if (problem.empty()) return std::optional(key);
        problems += (problems.empty() ? "" : "; ") + key + " " + problem;
    }
    return error{errc::ssh_key_missing, "none of ssh.keys can be used: " + problems};
}

}  // namespace termd::engine
