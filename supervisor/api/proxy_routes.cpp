// What a reverse proxy asks, and the page on which a link arrives: there a script posts the ticket behind the
// "#", which no server has seen, and goes on to the terminal with the cookie that it got for it.
#include <boost/json.hpp>

#include "common/base64.hpp"
#include "common/digest.hpp"
#include "supervisor/api/call.hpp"
#include "supervisor/api/entry_page.hpp"
#include "supervisor/api/http_message.hpp"
#include "supervisor/api/json_body.hpp"
#include "supervisor/model/proxied_request.hpp"

namespace termd::api {
namespace {

std::optional<std::string> header(const http_request& request, const char* name) {
    const auto at = request.headers.find(name);
    if (at == request.headers.end() || at->second.empty()) return std::nullopt;
    return at->second;
}

std::string header_or_empty(const http_request& request, const char* name) {
    return header(request, name).value_or("");
}

model::proxied_request proxied(const http_request& r) {
    return {header_or_empty(r, "x-original-uri"), header_or_empty(r, "x-termd-session"),
            header_or_empty(r, "x-original-host"), header(r, "origin"), header(r, "cookie"),
            header(r, "authorization")};
}

result<model::public_place> place(const call& c) {
    const auto& settings = c.needs.settings();
    const auto here = model::parse_public_url(settings.workers.public_url);
    if (here && settings.uses_sockets()) return *here;
    return error{errc::unauthorized, "workers.access is not \"sockets\""};
}

http_response nothing_but(std::vector<std::pair<std::string, std::string>> headers) {
    http_response out;
    out.status = 204;
    out.content_type.clear();
    out.headers = std::move(headers);
    return out;
}

result<engine::engine::way_through> way_through(const call& c) {
    const auto here = place(c);
    if (!here) return here.error();
    const auto wanted = model::judge(proxied(c.request), *here);
    if (!wanted) return wanted.error();
    return c.needs.sessions.let_through(wanted->session, wanted->is, wanted->secret,
                                        wanted->to_attach);
}

std::string set_cookie(const session_id& id, const engine::engine::cookie& made) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(made.lasts).count();
    return model::cookie_name(id) + "=" + made.secret + "; Path=/; Secure; HttpOnly; SameSite=Strict" +
           "; Max-Age=" + std::to_string(seconds);
}

result<std::string> read_ticket(const call& c) {
    const auto body = parse_json_object(c.request.body);
    if (!body) return body.error();
    object_reader read(*body);
    read.require("ticket");
    return read.finish(read.string("ticket").value_or(""));
}

// As a policy names a script or a style sheet that may be in a page.
std::string hash_of(std::string_view page, std::string_view element) {
    const std::string begin = "<" + std::string(element) + ">", end = "</" + std::string(element) + ">";
    const auto from = page.find(begin) + begin.size();
    return "'sha256-" + to_base64(sha256(page.substr(from, page.find(end) - from))) + "='";
}

// What the entry page may do: run its own script.
std::string policy_of(std::string_view page) {
    return "default-src 'none'; connect-src 'self'; base-uri 'none'; form-action 'none'; script-src " +
           hash_of(page, "script") + "; style-src " + hash_of(page, "style");
}

}  // namespace

void authorize(call c) {
    const auto way = way_through(c);
    if (!way) return refuse(c.respond, way.error());
    c.respond(nothing_but({{"X-Termd-Socket", way->socket}, {"X-Termd-Attach", way->attach}}));
}

void show_entry(call c) {
    static const std::string policy = policy_of(entry_page());  // anybody can ask, again and again
    http_response out;
    out.content_type = "text/html; charset=utf-8";
    out.body = entry_page();
    out.headers = {{"Content-Security-Policy", policy}};
    c.respond(std::move(out));
}

void redeem_ticket(call c) {
    const auto here = place(c);
    const auto id = here ? model::judge_entry(proxied(c.request), *here) : here.error();
    if (!id) return refuse(c.respond, id.error());
    const auto ticket = read_ticket(c);
    if (!ticket) return refuse(c.respond, ticket.error());
    const auto from = header_or_empty(c.request, "x-real-ip");
    const bool guesses = c.needs.sessions.guesses_too_much(from);
    const auto made = c.needs.sessions.redeem_ticket(*id, *ticket, from);
    // A link that is good opens whoever else guesses from the same address.
    if (!made && guesses)
        return c.respond(problem_response(429, "too many links that were not valid"));
    if (!made) return refuse(c.respond, made.error());
    c.respond(nothing_but({{"Set-Cookie", set_cookie(*id, *made)}}));
}

}  // namespace termd::api
