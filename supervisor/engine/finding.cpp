// Finding sessions, and showing them.
#include "supervisor/engine/engine.hpp"
#include "supervisor/engine/entry.hpp"
#include "supervisor/engine/view.hpp"

namespace termd::engine {

result<session_id> engine::find(std::string_view prefix) const {
    // As programs ask; only people give the beginning alone.
    if (const auto whole = session_id::parse(prefix); whole && entry_of(*whole)) return *whole;
    const auto begins = [&](const std::string& id) { return id.starts_with(prefix); };
    std::vector<std::string> found;
    const auto collect = [&](const auto& map) {
        for (auto at = map.lower_bound(std::string(prefix));
             at != map.end() && begins(at->first) && found.size() < 2; ++at)
            found.push_back(at->first);
    };
    if (!prefix.empty()) {
        collect(table_);
        if (found.empty()) collect(closed_);
    }
    if (found.empty()) return error{errc::not_found, "no session has this id"};
    if (found.size() > 1 && found[0] != prefix)
        return error{errc::ambiguous_id, "more than one session's id begins with it"};
    return *session_id::parse(found[0]);
}

result<protocol::session_view> engine::show(const session_id& id) const {
    if (const entry* e = entry_of(id)) return view(*e);
    if (const auto at = closed_.find(id.str()); at != closed_.end()) return at->second.session;
    return error{errc::not_found, "no session has this id"};
}

result<std::string> engine::owner_of(const session_id& id) const {
    if (const entry* e = entry_of(id)) return e->session.spec.user;
    if (const auto at = closed_.find(id.str()); at != closed_.end()) return at->second.session.user;
    return error{errc::not_found, "no session has this id"};
}

result<std::string> engine::show_json(const session_id& id) const {
    std::string text;
    json_writer out(text);
    if (const entry* e = entry_of(id))
        write(out, *e, now());
    else if (const auto session = show(id))
        protocol::write(out, *session);
    else
        return session.error();
    return text;
}

std::vector<protocol::session_view> engine::list(const session_filter& filter) const {
    std::vector<protocol::session_view> out;
    each_of(filter, [&](const entry& e) { out.push_back(view(e)); },
            [&](const protocol::session_view& closed) { out.push_back(closed); });
    return out;
}

void engine::list_json(json_writer& out, const session_filter& filter) const {
    const auto at = now();
    each_of(filter, [&](const entry& e) { write(out, e, at); },
            [&](const protocol::session_view& closed) { protocol::write(out, closed); });
}

template <class Live, class Closed>
void engine::each_of(const session_filter& filter, Live live, Closed closed) const {
    if (filter.state == protocol::session_state::closed) {
        for (const auto& [id, one] : closed_)
            if (matches(one.session, filter)) closed(one.session);
        return;
    }
    for (const auto& [id, e] : table_)
        if (matches(e->session, filter)) live(*e);
}

both_clocks engine::now() const { return {box_.boot_now(), box_.wall_now()}; }

// Once somebody has set the clock, instants are told by how long ago they were: never twice the same.
// And who asks in the middle of a change is to see what there is of it.
void engine::write(json_writer& out, const entry& e, both_clocks at) const {
    if (e.busy || clock_was_set(e.record, at)) return protocol::write(out, view(e, at));
    if (e.text.empty()) {
        e.text = protocol::json_text(view(e, at));
        e.text.shrink_to_fit();
    }
    out.json(e.text);
}

protocol::session_view engine::view(const entry& e) const { return view(e, now()); }

protocol::session_view engine::view(const entry& e, both_clocks at) const {
    auto out = view_of(e.session, e.record, e.closed, at);
    if (out.worker_port == 0) out.worker_socket = settings_.worker_socket(e.session.spec.id);
    return out;
}

}  // namespace termd::engine
