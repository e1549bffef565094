#include "cli/render.hpp"

#include <ctime>

#include "golden.hpp"

using namespace termd;
using namespace termd::cli;
using namespace termd::cli::test;

namespace {

// Times are shown as they are in the zone of TZ.
look seen(bool headings, bool colour) {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
    return {headings, colour, parse_time("2026-11-20T21:25:15.000Z").value()};
}

const look terminal = seen(true, true);
const look terminal_without_colour = seen(true, false);
const look piped = seen(false, false);

}  // namespace

TEST_CASE("sessions are a table with headings and colours on a terminal") {
    const auto list = golden_json("sessions.json");
    check_golden("sessions.colour.txt", session_table(list, terminal).value());
    check_golden("sessions.table.txt", session_table(list, terminal_without_colour).value());
}

TEST_CASE("sessions are plain columns in a pipe, one line each") {
    check_golden("sessions.plain.txt", session_table(golden_json("sessions.json"), piped).value());
    CHECK(session_table(golden_json("empty.json"), piped).value().empty());
}

TEST_CASE("whatever a session says about itself, it stays on its line and moves no cursor") {
    const auto text = session_table(golden_json("hostile.json"), piped).value();
    check_golden("hostile.txt", text);
    for (const char c : text) CHECK((c == '\n' || static_cast<unsigned char>(c) >= 0x20));
}

TEST_CASE("one session is shown as lines, times local and relative") {
    check_golden("session.txt", session_lines(golden_json("session.json"), piped).value());
    check_golden("closed.txt", session_lines(golden_json("closed.json"), piped).value());
}

TEST_CASE("the status is shown as lines") {
    check_golden("status.txt", status_lines(golden_json("status.json"), piped).value());
}

TEST_CASE("opening prints the address, closing the reason, and -o id the ids only") {
    const auto opened =
        boost::json::parse(R"({"id": "abc", "url": "http://127.0.0.1:7681/?arg=T"})");
    CHECK(url_line(opened, piped).value() == "http://127.0.0.1:7681/?arg=T\n");
    CHECK(session_id_line(opened, piped).value() == "abc\n");
    CHECK(
        closed_line(boost::json::parse(R"({"id": "abc", "end_reason": "admin"})"), piped).value() ==
        "abc closed (admin)\n");
    CHECK(closed_line(opened, piped).value() == "abc closed\n");
    const auto list = boost::json::parse(R"({"sessions": [{"id": "abc"}, {"id": "def"}]})");
    CHECK(session_ids(list, piped).value() == "abc\ndef\n");
    CHECK(ids_in(list).value() == std::vector<std::string>{"abc", "def"});
}

TEST_CASE("an address of any usual length is printed whole") {
    const std::string url = "https://portal.example/" + std::string(1000, 'x') + "?arg=T";
    boost::json::object opened;
    opened["url"] = url;
    CHECK(url_line(opened, piped).value() == url + "\n");
}

TEST_CASE("an answer without what it is about is a failure, not an empty table") {
    for (const char* text : {"{}", "[]", "null", "7", R"({"sessions": {}})", R"({"id": 7})",
                             R"({"url": null, "version": []})"}) {
        const auto answer = boost::json::parse(text);
        for (const renderer render : {session_table, session_ids, session_lines, session_id_line,
                                      url_line, closed_line, status_lines})
            CHECK_MESSAGE(render(answer, piped).has_error(), std::string(text));
    }
    const auto nameless = boost::json::parse(R"({"sessions": [{"user": "alice"}]})");
    CHECK(session_ids(nameless, piped).has_error());
}

TEST_CASE(
    "a log line that termd has escaped is not escaped a second time, and is safe all the same") {
    boost::json::object log{
        {"lines", boost::json::array{"ssh: a\\x1b[2Jb\\\\", "\x1b[2J", "plain", ""}}};
    CHECK(log_lines(log, piped).value() == "ssh: a\\x1b[2Jb\\\\\n\\x1b[2J\nplain\n\n");
}

TEST_CASE("a ttyd whose restarts are not known is shown without them") {
    const auto session = boost::json::parse(R"({"id": "a", "worker": {"port": 7681, "pid": 1}})");
    CHECK(session_lines(session, piped).value().find("port 7681, pid 1\n") != std::string::npos);
}
