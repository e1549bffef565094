// What a reverse proxy asks about a browser's request: whose terminal it wants, and by what right. Pure;
// whether the right is good is the engine's to say.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/ids.hpp"
#include "common/result.hpp"
#include "protocol/session_record.hpp"

namespace termd::model {

// Where browsers find the proxy, of workers.public_url.
struct public_place {
    std::string origin;  // "https://terminals.example.org:8443", as browsers write it
    std::string host;    // "terminals.example.org:8443"
    std::string path;    // "/", or "/terminals/"
    bool operator==(const public_place&) const = default;
};
std::optional<public_place> parse_public_url(std::string_view url);

// The request, as the proxy has passed it on.
struct proxied_request {
    std::string uri;      // as the browser wrote it
    std::string session;  // instead of the uri, for whoever asks about a session and no page
    std::string host;
    std::optional<std::string> origin, cookie, authorization;
};

struct wanted_way {
    session_id session;
    bool to_attach = false;  // by its WebSocket
    protocol::access_key::kind is = protocol::access_key::kind::cookie;
    std::string secret;
};

// The page, /token and the WebSocket of a session, asked for at exactly that host; by a page of that origin
// if it is a page that asks, and a WebSocket that comes with a cookie is always a page's.
// errc::unauthorized otherwise.
result<wanted_way> judge(const proxied_request& request, const public_place& here);

// Somebody wants to change a ticket into a cookie: which session's.
result<session_id> judge_entry(const proxied_request& request, const public_place& here);

std::string cookie_name(const session_id& id);

}  // namespace termd::model
