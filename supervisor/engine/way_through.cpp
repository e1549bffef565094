// What leads to a session: the secrets that are given out, and where they let somebody through. A session
// with a port takes its tokens as ttyd's argument, and its shim checks them. One with a socket is behind a
// proxy, which asks termd about every request; its shim only knows what termd made up for the moment.
#include "supervisor/engine/engine.hpp"
#include "supervisor/engine/entry.hpp"

namespace termd::engine {

namespace messages = protocol::shim;
using protocol::access_key;

namespace {

// From the proxy's question to termd-attach's hello; ttyd starts that when the browser has spoken.
constexpr std::chrono::seconds time_to_attach{10};

constexpr std::chrono::hours longest_cookie{24 * 30};

// "%" in a label's value or a title is nothing special; the base of a URL may carry "{port}".
std::string with_port(std::string base, int port) {
    constexpr std::string_view place = "{port}";
    if (const auto at = base.find(place); at != std::string::npos)
        base.replace(at, place.size(), std::to_string(port));
    if (base.empty() || base.back() != '/') base += '/';
    return base;
}

std::string base_url(const model::config& settings, const protocol::session_record& record) {
    const auto& url = settings.workers.public_url;
    const int port = record.worker_port;
    if (port == 0) return with_port(url, port) + "s/" + record.id.str() + "/";
    if (!url.empty() && !settings.uses_sockets()) return with_port(url, port);
    const auto& address = settings.workers.address;
    const bool v6 = address.find(':') != std::string::npos;
    return "http://" + (v6 ? "[" + address + "]" : address) + ":" + std::to_string(port) + "/";
}

std::optional<boot_time> end_of(const messages::grant& as) {
    return as.expires == boot_time{} ? std::nullopt : std::optional(as.expires);
}

// Nothing has changed when they cannot be kept.
result<void> replace_keys(session_host& host, protocol::session_record& record,
                          model::access_keys keys) {
    auto changed = record;
    changed.keys = std::move(keys);
    if (const auto kept = host.save(changed); !kept) return kept;
    record = std::move(changed);
    return {};
}

}  // namespace

// A token that leads in from here on.
void engine::give(entry& e, const std::string& token, messages::grant as) {
    as.hash = hash_token(token);
    if (e.has_socket())
        add_key(e, {access_key::kind::token, as.hash, as.as, end_of(as)});
    else
        send(e, messages::add_grant{as});
    token_issued(e, as.as);
}

// What cannot be kept holds until termd goes.
void engine::add_key(entry& e, const access_key& key) {
    model::add(e.record.keys, key, box_.boot_now());
    (void)host_.save(e.record);
}

protocol::access_grant engine::access(entry& e, const std::string& token,
                                      const messages::grant& as) {
    const std::string base = base_url(settings_, e.record);
    const std::string socket = "ws" + base.substr(4) + "ws";  // http → ws, https → wss
    if (!e.has_socket()) return {token, base + "?arg=" + token, socket + "?arg=" + token};
    return {token, base + "enter#" + new_ticket(e, as), socket};
}

std::string engine::new_ticket(entry& e, const messages::grant& as) {
    const std::string ticket = new_token();
    access_key key{access_key::kind::ticket, hash_token(ticket), as.as};
    key.expires = box_.boot_now() + settings_.workers.ticket_ttl;
    key.becomes = end_of(as);
    if (key.becomes && *key.becomes < *key.expires) key.expires = key.becomes;
    add_key(e, key);
    return ticket;
}

std::string engine::new_attach_key(entry& e, protocol::role as) {
    const std::string secret = new_token();
    messages::grant once{hash_token(secret), as, box_.boot_now() + time_to_attach, true};
    send(e, messages::add_grant{once});
    return secret;
}

result<engine::entry*> engine::behind_proxy(const session_id& id) const {
    const auto found = live_entry(id);
    if (!found) return error{errc::unauthorized, "no session"};
    if (!(*found)->has_socket()) return error{errc::unauthorized, "the session is not behind the proxy"};
    return found;
}

error engine::key_refused(entry& e) {
    token_refused(e, ++e.keys_refused);
    return {errc::unauthorized, "it is not valid, or no longer"};
}

// As long as the session can live at most, however often it is extended.
milliseconds engine::longest_use(const entry& e, const access_key& key) const {
    const auto now = box_.boot_now();
    const auto most = settings_.sessions.ttl_max;
    auto end = most == milliseconds{0} ? now + longest_cookie : e.session.plan.opened + most;
    if (e.session.expires) end = std::max(end, *e.session.expires);
    if (key.expires) end = *key.expires;
    return std::max(milliseconds{1000}, std::chrono::floor<milliseconds>(end - now));
}

bool engine::guesses_too_much(const std::string& from) const {
    return !guesses_.allows(from, box_.boot_now());
}

// The change is kept before it is told, so that no termd after this one takes the ticket again.
result<engine::cookie> engine::redeem_ticket(const session_id& id, std::string_view ticket,
                                             const std::string& from) {
    const auto now = box_.boot_now();
    const auto found = behind_proxy(id);
    const auto key = found ? model::find((*found)->record.keys, access_key::kind::ticket, ticket, now)
                           : std::nullopt;
    if (!key) guesses_.take(from, now);
    if (!found) return found.error();
    entry& e = **found;
    if (!key) return key_refused(e);
    const std::string secret = new_token();
    const access_key made{access_key::kind::cookie, hash_token(secret), key->as, key->becomes};
    auto keys = e.record.keys;
    std::erase(keys, *key);
    model::add(keys, made, now);
    if (const auto kept = replace_keys(host_, e.record, std::move(keys)); !kept) return kept.error();
    events_.publish({protocol::event_type::token_redeemed, view(e), made.as});
    return cookie{secret, longest_use(e, made)};
}

result<engine::way_through> engine::let_through(const session_id& id, access_key::kind is,
                                                std::string_view secret, bool to_attach) {
    const auto found = behind_proxy(id);
    if (!found) return found.error();
    entry& e = **found;
    const auto key = model::find(e.record.keys, is, secret, box_.boot_now());
    if (!key) return key_refused(e);
    return way_through{settings_.worker_socket(id), to_attach ? new_attach_key(e, key->as) : ""};
}

result<void> engine::revoke_tokens(const session_id& id) {
    const auto found = live_entry(id);
    if (!found) return found.error();
    entry& e = **found;
    send(e, messages::revoke_grants{});
    return e.has_socket() ? replace_keys(host_, e.record, {}) : result<void>();
}

}  // namespace termd::engine
