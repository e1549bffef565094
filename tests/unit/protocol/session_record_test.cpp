#include "protocol/session_record.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>

#include "protocol/checked_text.hpp"

using namespace termd;
using namespace termd::protocol;

namespace json = boost::json;

namespace {

session_record a_record() {
    session_record r;
    r.id = session_id::parse("k3v9q0w1x2y4z5a6").value();
    r.user = "anna@example.org";
    r.host = "fe80::1%eth0";
    r.login = "root";
    r.command = "ssh";
    r.mode = "embedded";
    r.title = "naïve \"quotes\" \\ and 😀";
    r.target_port = 22;
    r.labels = {{"ticket", "INC-1"}, {"empty", ""}};
    r.worker_port = 7680;
    r.waits_for = 2;
    r.created = parse_time("2026-11-20T21:25:14.123Z").value();
    r.boot_id = "6a3f9a4e-6b1c-4f5e-9d3b-2f1f6f0a9b11";
    r.opened = boot_time{std::chrono::nanoseconds{4'611'686'018'427'387'905}};
    r.expires = boot_time{std::chrono::seconds{90}};
    r.idle = std::chrono::minutes{30};
    r.gone = std::chrono::minutes{2};
    r.unattached = milliseconds{0};
    r.warn_before = milliseconds{60'001};
    r.cgroup = "/sys/fs/cgroup/system.slice/termd-0/k3v9q0w1x2y4z5a6";
    return r;
}

void check_same(const session_record& a, const session_record& b) {
    CHECK(a.id == b.id);
    CHECK(a.user == b.user);
    CHECK(a.host == b.host);
    CHECK(a.login == b.login);
    CHECK(a.command == b.command);
    CHECK(a.mode == b.mode);
    CHECK(a.title == b.title);
    CHECK(a.target_port == b.target_port);
    CHECK(a.labels == b.labels);
    CHECK(a.worker_port == b.worker_port);
    CHECK(a.waits_for == b.waits_for);
    CHECK(a.created == b.created);
    CHECK(a.boot_id == b.boot_id);
    CHECK(a.opened == b.opened);
    CHECK(a.expires == b.expires);
    CHECK(a.idle == b.idle);
    CHECK(a.gone == b.gone);
    CHECK(a.unattached == b.unattached);
    CHECK(a.warn_before == b.warn_before);
    CHECK(a.keys == b.keys);
    CHECK(a.cgroup == b.cgroup);
    CHECK(a.recorded == b.recorded);
}

// Without its check: with_check() gives it one that holds.
json::object as_object(const session_record& r) {
    auto object = json::parse(to_text(r)).get_object();
    object.erase("check");
    return object;
}

std::string as_text(const json::object& record) {
    return with_check(json::serialize(record));
}

std::string problem_of(const json::object& record) {
    const auto read = parse_session_record(as_text(record));
    return read ? "" : read.error().detail;
}

// Whatever the text is: a value or words that say what is wrong.
template <class Parse>
bool loads_or_reports(Parse parse, const std::string& text) {
    const auto read = parse(text);
    if (!read) CHECK_FALSE(read.error().detail.empty());
    return read.has_value();
}

// Every cut and every flipped bit.
template <class Parse>
void refuses_damage(Parse parse, const std::string& text) {
    REQUIRE(parse(text).has_value());
    const auto refused = [&](const std::string& damaged) {
        const auto read = parse(damaged);
        return !read && read.error().detail == "is damaged: its check does not hold";
    };
    for (std::size_t have = 0; have < text.size(); ++have) CHECK(refused(text.substr(0, have)));
    for (std::size_t at = 0; at < text.size(); ++at)
        for (int bit = 0; bit < 8; ++bit) {
            auto damaged = text;
            damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
            CHECK_MESSAGE(refused(damaged), damaged);
        }
}

}  // namespace

TEST_CASE("the record of a session reads back as it was written") {
    check_same(parse_session_record(to_text(a_record())).value(), a_record());
    auto endless = a_record();
    endless.expires.reset();
    endless.labels.clear();
    endless.host.clear();
    endless.target_port = 0;
    check_same(parse_session_record(to_text(endless)).value(), endless);
}

TEST_CASE("a record is one line") {
    const auto text = to_text(a_record());
    CHECK(text.find('\n') == text.size() - 1);
}

TEST_CASE("no record that was cut or has a flipped bit is loaded") {
    refuses_damage(parse_session_record, to_text(a_record()));
}

TEST_CASE("a record without a check is not loaded") {
    CHECK_FALSE(
        loads_or_reports(parse_session_record, json::serialize(as_object(a_record())) + "\n"));
}

TEST_CASE("a record of another version is not damaged, and it is said which it is") {
    const auto problem_of_version = [](const json::value& version) {
        auto record = as_object(a_record());
        record["version"] = version;
        return problem_of(record);
    };
    CHECK(problem_of_version(2) == "was written by a newer termd (version 2)");
    CHECK(problem_of_version(0) == "was written by an older termd (version 0)");
    for (const json::value& version : {json::value("1"), json::value(1.0), json::value(nullptr)})
        CHECK(problem_of_version(version) == "has no usable \"version\"");
    const auto last_word =
        parse_exit_record(with_check(R"({"version": 2, "reason": "exited", "exit": null})"));
    CHECK(last_word.error().code == errc::wrong_state);
    CHECK(last_word.error().detail == "was written by a newer termd (version 2)");
}

TEST_CASE("a record that lacks something says what") {
    for (const auto& entry : as_object(a_record())) {
        const std::string name(entry.key());
        if (name == "expires") continue;
        auto record = as_object(a_record());
        record.erase(name);
        CHECK(problem_of(record) == "has no usable \"" + name + "\"");
    }
}

TEST_CASE("a record with something of the wrong kind says what") {
    for (const auto& entry : as_object(a_record())) {
        const std::string name(entry.key());
        auto record = as_object(a_record());
        record[name] = json::array{1};
        CHECK(problem_of(record) == "has no usable \"" + name + "\"");
    }
    auto record = as_object(a_record());
    record["labels"] = json::object{{"a", 1}};
    CHECK(problem_of(record) == "has no usable \"labels\"");
}

TEST_CASE("a number out of its range is reported") {
    const auto refuses = [](const char* name, std::int64_t number) {
        auto record = as_object(a_record());
        record[name] = number;
        CHECK(problem_of(record) == std::string("has no usable \"") + name + "\"");
    };
    for (const std::int64_t port : {-1L, 65'536L, 4'294'967'296L + 22})
        refuses("target_port", port);
    for (const std::int64_t port : {-1L, 65'536L, 4'294'967'296L + 22})
        refuses("worker_port", port);
    for (const std::int64_t n : {-1L, 3L, 4'294'967'296L}) refuses("waits_for", n);
}

TEST_CASE("what a later termd adds to a record is passed over") {
    auto record = as_object(a_record());
    record["recording"] = "on";
    check_same(parse_session_record(as_text(record)).value(), a_record());
}

TEST_CASE("text that is no record is reported") {
    for (const char* text :
         {"", " ", "[]", "null", "{", "{}", "\"\"", "{\"version\":1}", "\xff\xfe"})
        for (const auto& all : {std::string(text), with_check(std::string(text) + "}")})
            CHECK_FALSE(loads_or_reports(parse_session_record, all));
    CHECK_FALSE(loads_or_reports(parse_session_record, with_check(std::string(1 << 20, '['))));
}

TEST_CASE("the shim's last word is read") {
    const auto code =
        parse_exit_record(with_check(R"({"version": 1, "reason": "exited", "exit": {"code": 3}})"));
    CHECK(code.value().reason == end_reason::exited);
    CHECK(code.value().exit == exit_status{exit_status::kind::code, 3});
    const auto killed = parse_exit_record(
        with_check(R"({"version": 1, "reason": "ttl", "exit": {"signal": "KILL"}})"));
    CHECK(killed.value().reason == end_reason::ttl);
    CHECK(killed.value().exit == exit_status{exit_status::kind::signal, 9});
    const auto never =
        parse_exit_record(with_check(R"({"version": 1, "reason": "start_failed", "exit": null})"));
    CHECK(never.value().reason == end_reason::start_failed);
    CHECK_FALSE(never.value().exit.has_value());
}

TEST_CASE("a last word that cannot be understood is reported") {
    for (const char* text :
         {"{}", R"({"version": 2, "reason": "exited", "exit": null})",
          R"({"version": 1, "reason": "bored", "exit": null})", R"({"version": 1, "exit": null})",
          R"({"version": 1, "reason": "exited", "exit": {}})",
          R"({"version": 1, "reason": "exited", "exit": 0})",
          R"({"version": 1, "reason": "exited", "exit": {"code": "0"}})",
          R"({"version": 1, "reason": "exited", "exit": {"code": 4294967296}})",
          R"({"version": 1, "reason": "exited", "exit": {"code": -1}})",
          R"({"version": 1, "reason": "exited", "exit": {"signal": "MOON"}})"})
        CHECK_MESSAGE(!loads_or_reports(parse_exit_record, with_check(text)), std::string(text));
}

TEST_CASE("no last word that was cut or has a flipped bit is believed") {
    const std::string text = R"({"version": 1, "reason": "exited", "exit": {"signal": "TERM"}})";
    refuses_damage(parse_exit_record, with_check(text));
    CHECK_FALSE(loads_or_reports(parse_exit_record, text + "\n"));
}

TEST_CASE("that a session is recorded is kept, and said only then") {
    auto one = a_record();
    CHECK_FALSE(as_object(one).contains("recorded"));
    CHECK_FALSE(parse_session_record(to_text(one)).value().recorded);
    one.recorded = true;
    CHECK(parse_session_record(to_text(one)).value().recorded);
    auto wrong = as_object(one);
    wrong["recorded"] = 1;
    CHECK(problem_of(wrong) == "has no usable \"recorded\"");
}

TEST_CASE("what leads to a session without a port is kept") {
    auto record = a_record();
    record.worker_port = 0;
    access_key ticket{access_key::kind::ticket, hash_token("t"), role::view, boot_time{std::chrono::seconds{60}}};
    ticket.becomes = boot_time{std::chrono::seconds{90}};
    record.keys = {{access_key::kind::token, hash_token("a")}, ticket, {access_key::kind::cookie, hash_token("c")}};
    check_same(parse_session_record(to_text(record)).value(), record);
}

TEST_CASE("a key that cannot be understood makes the record no good") {
    auto record = a_record();
    record.keys = {{access_key::kind::token, hash_token("a")}};
    const auto with = [&](std::string_view field, const json::value& value) {
        auto object = as_object(record);
        object["keys"].as_array()[0].as_object()[field] = value;
        return problem_of(object);
    };
    CHECK(with("hash", json::value(to_hex(hash_token("b")))) == "");
    for (const auto& wrong : std::map<std::string, json::value>{
             {"is", "door"}, {"hash", "00"}, {"role", "owner"}, {"expires", -1}, {"becomes", "soon"}})
        CHECK_MESSAGE(with(wrong.first, wrong.second) == "has no usable \"keys\"", wrong.first);
}
