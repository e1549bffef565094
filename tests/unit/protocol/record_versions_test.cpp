// Files of other versions: session.json and exit.json as each version wrote them, in
// tests/golden/protocol. They are never changed.
#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "protocol/session_record.hpp"

using namespace termd;
using namespace termd::protocol;

namespace {

std::string kept(const std::string& what, int version) {
    std::ifstream file(std::string(TERMD_GOLDEN_PROTOCOL) + "/" + what + "_version_" +
                       std::to_string(version) + ".json");
    std::stringstream out;
    out << file.rdbuf();
    return out.str();
}

}  // namespace

TEST_CASE("every version that we say we read has its kept files, and they are read") {
    for (int v = session_record::oldest_version; v <= session_record::version; ++v)
        CHECK_MESSAGE(parse_session_record(kept("session", v)).has_value(), v);
    for (int v = exit_record::oldest_version; v <= exit_record::version; ++v)
        CHECK_MESSAGE(parse_exit_record(kept("exit", v)).has_value(), v);
}

TEST_CASE("today's record is written as it was kept") {
    const auto text = kept("session", session_record::version);
    CHECK(to_text(parse_session_record(text).value()) == text);
}

TEST_CASE("a version-1 record means what it meant") {
    const auto r = parse_session_record(kept("session", 1)).value();
    CHECK(r.id.str() == "k3v9q0w1x2y4z5a6");
    CHECK(r.user == "anna@example.org");
    CHECK(r.host == "db1.example.org");
    CHECK(r.login == "root");
    CHECK(r.command == "ssh");
    CHECK(r.mode == "embedded");
    CHECK(r.title == "a \"title\"");
    CHECK(r.target_port == 22);
    CHECK(r.labels == std::map<std::string, std::string>{{"ticket", "INC-1"}});
    CHECK(r.worker_port == 7680);
    CHECK(r.waits_for == 2);
    CHECK(format_time(r.created) == "2026-11-20T21:25:14.123Z");
    CHECK(r.boot_id == "6a3f9a4e-6b1c-4f5e-9d3b-2f1f6f0a9b11");
    CHECK(r.opened == boot_time{std::chrono::seconds{5}});
    CHECK(r.expires == boot_time{std::chrono::seconds{90}});
    CHECK(r.idle == std::chrono::minutes{30});
    CHECK(r.gone == std::chrono::minutes{2});
    CHECK(r.unattached == milliseconds{0});
    CHECK(r.warn_before == std::chrono::minutes{1});
    CHECK_FALSE(r.recorded);
    CHECK(r.cgroup == "/sys/fs/cgroup/termd/k3v9q0w1x2y4z5a6");
}

TEST_CASE("a version-1 last word means what it meant") {
    const auto r = parse_exit_record(kept("exit", 1)).value();
    CHECK(r.reason == end_reason::ttl);
    CHECK(r.exit == exit_status{exit_status::kind::signal, 15});
}
