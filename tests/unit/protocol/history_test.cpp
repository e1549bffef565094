#include "protocol/history.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>

#include "tests/support/history_rows.hpp"

using namespace termd;
using namespace termd::protocol;

namespace json = boost::json;

TEST_CASE("a session that has ended shows everything") {
    const auto closed = test::closing(1);
    CHECK(json::serialize(to_json(session_row{closed.opened, closed.end})) ==
          R"({"id":"0000000000000001","user":"anna","host":"db1","port":22,"login":"root",)"
          R"("command":"ssh","mode":"embedded","title":"über \"1\"","labels":{"team":"ops"},)"
          R"("created_at":"2026-11-20T21:00:01.000Z","closed_at":"2026-11-20T21:16:41.000Z",)"
          R"("end_reason":"exited","exit":{"code":3},"detail":"words","authenticated":true,)"
          R"("restarts":2,"recording":"off","boot_id":"6f0e2a52-2d8b-4c8e-9d0f-000000000001"})");
}

TEST_CASE("what only the end tells is null while a session lives") {
    const auto shown = to_json(session_row{test::opening(1), {}});
    for (const char* later :
         {"closed_at", "end_reason", "exit", "detail", "authenticated", "restarts", "recording"})
        CHECK(shown.at(later).is_null());
}

TEST_CASE("an audit event, its details as JSON") {
    audit_row row{7,  test::at_second(3), boot_time{std::chrono::nanoseconds{5}},
                  "", "session.ready",    "",
                  "", "{\"a\":[1]}",      {}};
    CHECK(json::serialize(to_json(row)) ==
          R"({"seq":7,"at":"2026-11-20T21:00:03.000Z","boot_ns":5,"boot_id":"",)"
          R"("type":"session.ready","session":null,"user":null,"details":{"a":[1]},"hash":")" +
              std::string(64, '0') + "\"}");
    row.details = "";
    CHECK(to_json(row).at("details") == json::value(json::object()));
    row.details = "no JSON";
    CHECK(to_json(row).at("details") == json::value("no JSON"));
}

TEST_CASE("pages and the outcome of a verification") {
    CHECK(json::serialize(to_json(session_page{})) == R"({"sessions":[],"next":null})");
    CHECK(json::serialize(to_json(audit_page{{}, 4})) == R"({"events":[],"next":4})");
    CHECK(json::serialize(to_json(verification{true, 9, "", {}})) ==
          R"({"valid":true,"rows":9,"problem":null,"first_bad":null})");
    CHECK(json::serialize(to_json(verification{false, 2, "row 3 is missing", 3})) ==
          R"({"valid":false,"rows":2,"problem":"row 3 is missing","first_bad":3})");
}

TEST_CASE("labels survive as text, and what is none has no labels") {
    const std::map<std::string, std::string> labels{{"a", "\"1\""}, {"b", ""}};
    CHECK(labels_from(labels_text(labels)) == labels);
    CHECK(labels_from("").empty());
    CHECK(labels_from("[1]").empty());
    CHECK(labels_from(R"({"a":1,"b":"x"})") == std::map<std::string, std::string>{{"b", "x"}});
}
