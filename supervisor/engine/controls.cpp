// What can be asked of a session that lives: signs of life, more time, a new ttyd, another way in,
// a word on the screen.
#include "supervisor/engine/engine.hpp"
#include "supervisor/engine/entry.hpp"

namespace termd::engine {

namespace messages = protocol::shim;

result<engine::entry*> engine::live_entry(const session_id& id) const {
    entry* e = entry_of(id);
    if (e != nullptr && model::is_live(e->session)) return e;
    const auto closed = show(id);
    if (!closed) return closed.error();
    const std::string why = closed->reason ? ": " + std::string(to_string(*closed->reason)) : "";
    return error{errc::wrong_state, "the session is " + std::string(to_string(closed->state)) + why};
}

result<engine::entry*> engine::running_entry(const session_id& id) const {
    auto found = live_entry(id);
    if (found && name_of((*found)->session.state) == protocol::session_state::opening)
        return error{errc::wrong_state, "the session is still opening"};
    return found;
}

std::vector<std::string> engine::take_last_notices(const session_id& id) {
    if (entry* e = entry_of(id)) {
        auto& notices = e->session.notices;
        std::vector<std::string> out(notices.begin(), notices.end());
        notices.clear();
        return out;
    }
    const auto at = closed_.find(id.str());
    return at == closed_.end() ? std::vector<std::string>() : std::exchange(at->second.notices, {});
}

result<engine::heartbeat_answer> engine::heartbeat(const session_id& id) {
    const auto found = live_entry(id);
    if (!found) {
        auto last = take_last_notices(id);
        if (last.empty()) return found.error();
        return heartbeat_answer{milliseconds{0}, milliseconds{0}, std::move(last)};
    }
    entry& e = **found;
    happen(e, model::happened::heartbeat{});
    const auto now = box_.boot_now();
    const auto left = [&](const std::optional<boot_time>& at) -> std::optional<milliseconds> {
        if (!at) return std::nullopt;
        return std::max(milliseconds{0}, std::chrono::floor<milliseconds>(*at - now));
    };
    const auto ends = model::ends_of(e.session);
    return heartbeat_answer{left(ends.ttl), left(ends.idle), take_last_notices(id)};
}

result<protocol::session_view> engine::extend(const session_id& id, milliseconds ttl) {
    const auto found = live_entry(id);
    if (!found) return found.error();
    entry& e = **found;
    const auto most = settings_.sessions.ttl_max;
    const auto now = box_.boot_now();
    const bool bounded = most != milliseconds{0};
    if (bounded && (ttl == milliseconds{0} || now + ttl > e.session.plan.opened + most))
        return error{errc::invalid_request,
                     "a session may live for " + format_duration(most) + " in all",
                     {{"ttl", "goes past sessions.ttl_max"}}};
    model::happened::extended event;
    if (ttl != milliseconds{0}) event.expires = now + ttl;
    const bool longer = !event.expires || (e.session.expires && *event.expires > *e.session.expires);
    if (!longer) return view(e);
    // What is granted must outlive termd.
    auto record = e.record;
    record.expires = event.expires;
    if (const auto saved = host_.save(record); !saved) return saved.error();
    happen(e, event);
    return view(e);
}

result<protocol::session_view> engine::restart(const session_id& id) {
    const auto found = running_entry(id);
    if (!found) return found.error();
    happen(**found, model::happened::restart_asked{});
    return view(**found);
}

result<protocol::access_grant> engine::issue_token(const session_id& id, protocol::role as,
                                                   milliseconds ttl) {
    const auto found = live_entry(id);
    if (!found) return found.error();
    if (name_of((*found)->session.state) != protocol::session_state::ready)
        return error{errc::wrong_state, "ttyd is being started: try again in a moment"};
    const std::string token = new_token();
    messages::grant wanted;
    wanted.as = as;
    if (ttl != milliseconds{0}) wanted.expires = box_.boot_now() + ttl;
    give(**found, token, wanted);
    return access(**found, token, wanted);
}

result<void> engine::show_message(const session_id& id, const std::string& text) {
    const auto found = live_entry(id);
    if (!found) return found.error();
    messages::show message;
    message.text = text;
    send(**found, message);
    return {};
}

result<void> engine::attachable(const session_id& id) const {
    const auto found = running_entry(id);
    return found ? result<void>() : found.error();
}

result<std::vector<std::string>> engine::log_of(const session_id& id) const {
    const entry* e = entry_of(id);
    if (e == nullptr) return error{errc::not_found, "no live session has this id"};
    const auto& facts = e->session.facts;
    auto lines = facts.log.lines();
    for (const auto& line : facts.ssh_log) lines.push_back("ssh: " + line);
    return lines;
}

}  // namespace termd::engine
