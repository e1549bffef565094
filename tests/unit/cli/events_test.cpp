#include <boost/json.hpp>

#include "cli/new_lines.hpp"
#include "cli/render.hpp"
#include "cli/render_event.hpp"
#include "cli/server_events.hpp"
#include "golden.hpp"

using namespace termd;
using namespace termd::cli;
using namespace termd::cli::test;

namespace {

std::vector<server_event> read_all(std::string_view text, std::size_t piece) {
    event_reader reader;
    std::vector<server_event> out;
    for (std::size_t at = 0; at < text.size(); at += piece) {
        reader.add(text.substr(at, piece));
        while (auto event = reader.next().value()) out.push_back(*event);
    }
    return out;
}

}  // namespace

TEST_CASE("events are read as the standard says, however the stream is cut") {
    constexpr std::string_view text =
        ": hello\n\nid: 7\nevent: session.ready\ndata: {\"a\":\ndata:1}\n\n"
        "data: x\r\n\r\nevent: nothing\n\n"
        "id: 9\revent: lagged\rdata\r\rid: 10\ndata: unfinished\n";
    const std::vector<server_event> expected{
        {"7", "session.ready", "{\"a\":\n1}"}, {"", "message", "x"}, {"9", "lagged", ""}};
    for (std::size_t piece = 1; piece <= text.size(); ++piece)
        CHECK(read_all(text, piece) == expected);
}

TEST_CASE("an event that never ends is a failure before it eats the memory") {
    event_reader line, lines;
    line.add("data: " + std::string(2 << 20, 'x'));
    CHECK(line.next().has_error());
    for (int i = 0; i < 2000; ++i) lines.add("data: " + std::string(1024, 'x') + "\n");
    CHECK(lines.next().has_error());
}

TEST_CASE("events are a line each") {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
    std::string plain, colour, json;
    for (const auto& event : read_all(golden_text("events.stream"), 100)) {
        plain += event_line(event, {}).value();
        colour += event_line(event, {true, true, {}}).value();
        json += event_json(event).value();
    }
    check_golden("events.plain.txt", plain);
    check_golden("events.colour.txt", colour);
    check_golden("events.lines.json", json);
    for (const char c : plain) CHECK((c == '\n' || static_cast<unsigned char>(c) >= 0x20));
}

TEST_CASE("an event whose data is no JSON object is a failure") {
    for (const char* data : {"", "x", "[]", "7", "{"}) {
        CHECK(event_line({"1", "session.ready", data}, {}).has_error());
        CHECK(event_json({"1", "session.ready", data}).has_error());
    }
}

TEST_CASE("of a log that grows at its end and is cut at its beginning only what is new is shown") {
    const auto lines = [](const char* text) { return boost::json::parse(text).as_array(); };
    CHECK(new_lines(lines("[]"), lines("[1,2]")) == lines("[1,2]"));
    CHECK(new_lines(lines("[1,2]"), lines("[1,2]")) == lines("[]"));
    CHECK(new_lines(lines("[1,2]"), lines("[1,2,3]")) == lines("[3]"));
    CHECK(new_lines(lines("[1,2,3]"), lines("[3,4,5]")) == lines("[4,5]"));
    CHECK(new_lines(lines("[1,2,3]"), lines("[7,8]")) == lines("[7,8]"));
    CHECK(new_lines(lines("[1,1]"), lines("[1,1,1]")) == lines("[1]"));
    CHECK(new_lines(lines("[1,2]"), lines("[]")) == lines("[]"));
}

TEST_CASE("a reload tells the keys that have changed, or that none has") {
    CHECK(changed_lines(boost::json::parse(R"({"changed": ["sessions.ttl", "log.level"]})"), {})
              .value() == "sessions.ttl changed\nlog.level changed\n");
    CHECK(changed_lines(boost::json::parse(R"({"changed": []})"), {}).value() ==
          "nothing has changed\n");
    CHECK(changed_lines(boost::json::parse(R"({"changed": [], "restart_needed": ["paths.state"]})"),
                        {})
              .value() == "paths.state waits for a restart: systemctl restart termd\n");
    CHECK(changed_lines(boost::json::parse("{}"), {}).has_error());
}

TEST_CASE("sessions that live are those that are not closed") {
    CHECK(live_sessions(golden_json("status.json")).value() == 3);
    CHECK(live_sessions(boost::json::parse(R"({"sessions": {"ready": 1, "closed": 9}})")).value() ==
          1);
    CHECK(live_sessions(boost::json::parse("{}")).has_error());
}
