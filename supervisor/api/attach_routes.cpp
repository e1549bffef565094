// The terminal itself, over the connection on which it was asked for.
#include <strings.h>

#include <memory>

#include "supervisor/api/call.hpp"
#include "supervisor/api/http_message.hpp"
#include "supervisor/api/query.hpp"

namespace termd::api {
namespace {

constexpr const char* our_protocol = "termd-attach";

result<protocol::role> read_role(std::map<std::string, std::string> query) {
    const auto name = take(query, "role").value_or("control");
    if (const auto left = nothing_left(query); !left) return left.error();
    const auto as = protocol::role_from(name);
    if (!as) return bad_parameter("role", "must be control or view");
    return *as;
}

bool asks_for_our_protocol(const http_request& request) {
    const auto wanted = request.headers.find("upgrade");
    return wanted != request.headers.end() &&
           ::strcasecmp(wanted->second.c_str(), our_protocol) == 0;
}

// RFC 9110, 15.5.22.
http_response upgrade_required() {
    auto response = problem_response(426, "this is no page: it takes a client that speaks the "
                                          "protocol termd-attach, such as termctl attach");
    response.headers.emplace_back("Upgrade", our_protocol);
    response.headers.emplace_back("Connection", "Upgrade");
    return response;
}

}  // namespace

void attach_terminal(call c) {
    const auto as = read_role(c.request.query);
    if (!as) return refuse(c.respond, as.error());
    const auto id = session_of(c);
    if (!id) return refuse(c.respond, id.error());
    if (!asks_for_our_protocol(c.request)) return c.respond(upgrade_required());
    if (const auto lives = c.needs.sessions.attachable(*id); !lives)
        return refuse(c.respond, lives.error());
    const auto way = c.needs.way_into(*id);
    if (!way) return refuse(c.respond, way.error());
    http_response response;
    response.status = 101;
    response.headers.emplace_back("Upgrade", our_protocol);
    response.headers.emplace_back("Connection", "Upgrade");
    response.upgrade = [hand_over = *way, as = *as, user = c.from.user](os::unique_fd client) {
        hand_over(std::move(client), as, user);
    };
    c.respond(std::move(response));
}

}  // namespace termd::api
