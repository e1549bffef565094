#include "supervisor/model/proxied_request.hpp"

#include <algorithm>

namespace termd::model {
namespace {

using protocol::access_key;

error no(const char* why) { return {errc::unauthorized, why}; }

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

bool is_secret(std::string_view text) {
    return text.size() == token_length &&
           text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
               std::string_view::npos;
}

// What follows "…/s/": an id and the name of a page.
struct place {
    session_id session;
    std::string_view page;
};
std::optional<place> place_of(std::string_view uri, const public_place& here) {
    auto path = uri.substr(0, uri.find('?'));
    const std::string before = here.path + "s/";
    if (!path.starts_with(before)) return std::nullopt;
    path.remove_prefix(before.size());
    const auto id = session_id::parse(path.substr(0, session_id::length));
    if (!id || path.size() <= session_id::length || path[session_id::length] != '/')
        return std::nullopt;
    return place{*id, path.substr(session_id::length + 1)};
}

std::optional<wanted_way> way_to(const proxied_request& request, const public_place& here) {
    wanted_way out;
    if (!request.session.empty()) {
        const auto id = session_id::parse(request.session);
        if (!id) return std::nullopt;
        out.session = *id;
        out.to_attach = true;
        return out;
    }
    const auto at = place_of(request.uri, here);
    if (!at || (at->page != "" && at->page != "token" && at->page != "ws")) return std::nullopt;
    out.session = at->session;
    out.to_attach = at->page == "ws";
    return out;
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Nothing, too, when it is there twice: one of them was planted.
std::optional<std::string> cookie_of(std::string_view header, const std::string& name) {
    std::optional<std::string> found;
    while (!header.empty()) {
        const auto end = std::min(header.find(';'), header.size());
        const auto pair = trimmed(header.substr(0, end));
        header.remove_prefix(std::min(end + 1, header.size()));
        if (!pair.starts_with(name) || pair.substr(name.size(), 1) != "=") continue;
        if (found) return std::nullopt;
        found = std::string(pair.substr(name.size() + 1));
    }
    return found;
}

std::optional<std::string> bearer_of(std::string_view header) {
    constexpr std::string_view scheme = "bearer ";
    if (lower(header.substr(0, scheme.size())) != scheme) return std::nullopt;
    return std::string(trimmed(header.substr(scheme.size())));
}

bool comes_from(const proxied_request& request, const public_place& here) {
    return request.origin && lower(*request.origin) == here.origin;
}

}  // namespace

std::optional<public_place> parse_public_url(std::string_view url) {
    constexpr std::string_view scheme = "https://", usual_port = ":443";
    if (lower(url.substr(0, scheme.size())) != scheme) return std::nullopt;
    url.remove_prefix(scheme.size());
    const auto slash = std::min(url.find('/'), url.size());
    public_place out;
    out.host = lower(url.substr(0, slash));
    if (out.host.ends_with(usual_port)) out.host.resize(out.host.size() - usual_port.size());
    if (out.host.empty() || out.host.find('@') != std::string::npos) return std::nullopt;
    out.origin = std::string(scheme) + out.host;
    out.path = slash == url.size() ? "/" : std::string(url.substr(slash));
    if (out.path.back() != '/') out.path += '/';
    return out;
}

result<wanted_way> judge(const proxied_request& request, const public_place& here) {
    if (lower(request.host) != here.host) return no("this is not the host of workers.public_url");
    if (request.origin && !comes_from(request, here)) return no("a page of another origin asks");
    auto out = way_to(request, here);
    if (!out) return no("this is no page of a session");
    if (request.authorization) {
        out->is = access_key::kind::token;
        out->secret = bearer_of(*request.authorization).value_or("");
    } else {
        if (out->to_attach && !request.origin) return no("no origin is given");
        out->secret = cookie_of(request.cookie.value_or(""), cookie_name(out->session)).value_or("");
    }
    if (!is_secret(out->secret)) return no("it comes without the secret of this session");
    return std::move(*out);
}

result<session_id> judge_entry(const proxied_request& request, const public_place& here) {
    if (lower(request.host) != here.host) return no("this is not the host of workers.public_url");
    if (!comes_from(request, here)) return no("a page of another origin asks");
    const auto at = place_of(request.uri, here);
    if (!at || at->page != "enter") return no("this is no page of a session");
    return at->session;
}

std::string cookie_name(const session_id& id) { return "__Host-termd-" + id.str(); }

}  // namespace termd::model
