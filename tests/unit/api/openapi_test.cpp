#include "supervisor/api/openapi.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>
#include <set>
#include <string>

#include "common/errc.hpp"
#include "protocol/events.hpp"
#include "protocol/session_view.hpp"
#include "protocol/vocabulary.hpp"
#include "supervisor/api/routes.hpp"

using namespace termd;
namespace json = boost::json;
using names = std::set<std::string>;

namespace {

const json::object& document() {
    static const json::value parsed = json::parse(std::string(api::openapi_document()));
    return parsed.get_object();
}

const json::object& schema(std::string_view name) {
    return document().at("components").at("schemas").at(name).as_object();
}

names strings(const json::value& array) {
    names out;
    for (const auto& item : array.as_array())
        if (item.is_string()) out.insert(std::string(item.get_string()));
    return out;
}

names keys(const json::object& object) {
    names out;
    for (const auto& [key, value] : object) out.insert(std::string(key));
    return out;
}

template <class Enum, class Last>
names vocabulary(Last last) {
    names out;
    for (int i = 0; i <= static_cast<int>(last); ++i)
        out.insert(std::string(protocol::to_string(static_cast<Enum>(i))));
    return out;
}

std::string upper(std::string text) {
    for (char& c : text)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return text;
}

}  // namespace

TEST_CASE("the description has every route and no other") {
    names described, routed;
    for (const auto& [path, methods] : document().at("paths").as_object())
        for (const auto& [method, about] : methods.as_object())
            if (method != "parameters") described.insert(upper(method) + " " + std::string(path));
    for (const auto& r : api::route_names())
        routed.insert(std::string(r.method) + " " + std::string(r.path));
    CHECK(described == routed);
}

TEST_CASE("the description knows every state, reason and role") {
    using protocol::end_reason, protocol::role, protocol::session_state;
    const auto& session = schema("Session").at("properties");
    CHECK(strings(session.at("state").at("enum")) ==
          vocabulary<session_state>(session_state::closed));
    CHECK(strings(session.at("end_reason").at("enum")) ==
          vocabulary<end_reason>(end_reason::reboot));
    CHECK(strings(schema("Role").at("enum")) == vocabulary<role>(role::view));
}

TEST_CASE("the description knows every type of event") {
    const auto described = strings(schema("Event").at("properties").at("type").at("enum"));
    CHECK(described == names(protocol::event_names().begin(), protocol::event_names().end()));
}

TEST_CASE("the description knows every problem's code") {
    const std::string codes(schema("Problem").at("properties").at("code").at("description").as_string());
    for (const auto& row : errc_table())
        CHECK_MESSAGE(codes.find(row.code) != std::string::npos, std::string(row.code));
}

TEST_CASE("the description of a session has the fields that a session has") {
    protocol::session_view session;
    session.detail = "so that it is there";
    auto fields = keys(json::parse(protocol::json_text(session)).as_object());
    CHECK(keys(schema("Session").at("properties").as_object()) == fields);
    const protocol::access_grant grant;
    const auto opened = json::parse(protocol::json_text(session, &grant));
    CHECK(keys(schema("OpenedSession").at("properties").as_object()) == keys(opened.as_object()));
}

TEST_CASE("the description is of this version") {
    CHECK(document().at("info").at("version").as_string() == TERMD_VERSION);
}
