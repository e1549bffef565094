// The routes of host keys: what is trusted, what a host shows now, trust one, forget one.
#include <boost/json.hpp>
#include <charconv>

#include "supervisor/api/call.hpp"
#include "supervisor/api/json_body.hpp"
#include "supervisor/api/query.hpp"
#include "supervisor/model/grammar.hpp"

namespace termd::api {
namespace {

namespace json = boost::json;
using model::host_key;

constexpr int usual_port = 22;

json::object key_json(const host_key& key) {
    json::object out;
    out["type"] = key.type;
    out["fingerprint"] = key.fingerprint;
    return out;
}

json::array keys_json(const std::vector<host_key>& keys) {
    json::array out;
    for (const auto& key : keys) out.push_back(key_json(key));
    return out;
}

std::string_view mark_word(model::key_mark mark) {
    constexpr std::array<std::string_view, 3> words{"", "cert-authority", "revoked"};
    return words[static_cast<std::size_t>(mark)];
}

json::object entry_json(const model::known_host& entry) {
    auto out = key_json(entry.key);
    const bool hashed = entry.names.starts_with('|');
    out["host"] = hashed ? json::value() : json::value(entry.names);
    out["mark"] = entry.mark == model::key_mark::none ? json::value()
                                                      : json::value(mark_word(entry.mark));
    return out;
}

struct place {
    std::string host;
    int port = usual_port;
};

json::object place_json(const place& where) {
    json::object out;
    out["host"] = where.host;
    out["port"] = where.port;
    return out;
}

result<void> check_host(const std::string& host) {
    const auto wrong = model::host_problem(host);
    if (wrong.empty()) return {};
    return error{errc::invalid_request, "the host " + std::string(wrong),
                 {{"host", std::string(wrong)}}};
}

// With the fingerprint, where one is wanted.
struct host_request {
    place where;
    std::string fingerprint;
};

result<host_request> read_host_request(const call& c, bool with_fingerprint) {
    const auto body = parse_json_object(c.request.body);
    if (!body) return body.error();
    object_reader read(*body);
    read.require("host");
    if (with_fingerprint) read.require("fingerprint");
    host_request out;
    out.where.host = read.string("host").value_or("");
    out.where.port = static_cast<int>(read.integer("port", 1, 65535).value_or(usual_port));
    if (with_fingerprint) out.fingerprint = read.string("fingerprint").value_or("");
    auto request = read.finish(std::move(out));
    if (!request) return request.error();
    if (const auto right = check_host(request->where.host); !right) return right.error();
    if (with_fingerprint && !model::is_fingerprint(request->fingerprint))
        return error{errc::invalid_request, "the fingerprint is none",
                     {{"fingerprint", "is not as ssh-keygen -l prints it (SHA256:…)"}}};
    return request;
}

result<place> read_place(const call& c) {
    auto query = c.request.query;
    place out{c.id};
    if (const auto text = take(query, "port")) {
        const auto* end = text->data() + text->size();
        const auto read = std::from_chars(text->data(), end, out.port);
        if (read.ec != std::errc{} || read.ptr != end || out.port < 1 || out.port > 65535)
            return bad_parameter("port", "must be from 1 to 65535");
    }
    if (const auto left = nothing_left(query); !left) return left.error();
    if (const auto right = check_host(out.host); !right) return right.error();
    return out;
}

}  // namespace

void list_hosts(call c) {
    if (const auto left = nothing_left(c.request.query); !left)
        return refuse(c.respond, left.error());
    c.needs.hosts.list([respond = c.respond](const auto& entries) {
        if (!entries) return refuse(respond, entries.error());
        json::array rows;
        for (const auto& entry : *entries) rows.push_back(entry_json(entry));
        json::object body;
        body["hosts"] = std::move(rows);
        answer(respond, 200, body);
    });
}

void scan_host(call c) {
    const auto request = read_host_request(c, false);
    if (!request) return refuse(c.respond, request.error());
    const auto where = request->where;
    c.needs.hosts.scan(where.host, where.port, [respond = c.respond, where](const auto& shown) {
        if (!shown) return refuse(respond, shown.error());
        auto body = place_json(where);
        body["offered"] = keys_json(shown->offered);
        body["known"] = keys_json(shown->known.plain);
        body["revoked"] = keys_json(shown->known.revoked);
        body["authority"] = shown->known.authority;
        answer(respond, 200, body);
    });
}

void trust_host(call c) {
    const auto request = read_host_request(c, true);
    if (!request) return refuse(c.respond, request.error());
    const auto where = request->where;
    c.needs.hosts.trust(
        {where.host, where.port, c.from.user, c.from.user, request->fingerprint},
        [respond = c.respond, where](const auto& trusted) {
            if (!trusted) return refuse(respond, trusted.error());
            auto body = place_json(where);
            body["type"] = trusted->key.type;
            body["fingerprint"] = trusted->key.fingerprint;
            answer(respond, trusted->was_known ? 200 : 201, body);
        });
}

void forget_host(call c) {
    const auto where = read_place(c);
    if (!where) return refuse(c.respond, where.error());
    c.needs.hosts.forget({where->host, where->port, c.from.user, c.from.user, {}},
                         [respond = c.respond, where = *where](const auto& forgotten) {
                             if (!forgotten) return refuse(respond, forgotten.error());
                             auto body = place_json(where);
                             body["forgotten"] = keys_json(*forgotten);
                             answer(respond, 200, body);
                         });
}

}  // namespace termd::api
