#include "supervisor/platform/shim_host.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

#include <fstream>

#include "helpers.hpp"
#include "os/file.hpp"

using namespace termd;
using namespace termd::test;

namespace {

struct listener final : engine::session_events {
    void told(const session_id&, const protocol::shim::fact&) override {}
    void gone(const session_id&, std::optional<protocol::exit_record> last_word) override {
        gone_with = last_word;
        ++times_gone;
    }
    void probed(const session_id&, engine::probe_verdict, microseconds, std::string) override {}
    int times_gone = 0;
    std::optional<protocol::exit_record> gone_with;
};

// A host whose shims are a script.
struct fixture {
    temporary_directory place;
    boost::asio::io_context loop;
    listener heard;
    std::unique_ptr<platform::shim_host> host;
    protocol::session_record record;

    explicit fixture(const std::string& script) {
        ::signal(SIGPIPE, SIG_IGN);  // as main does
        const auto shim = place.path + "/shim", sessions = place.path + "/sessions";
        std::ofstream(shim) << "#!/bin/sh\n" << script;
        REQUIRE(::chmod(shim.c_str(), 0700) == 0);
        REQUIRE(::mkdir(sessions.c_str(), 0700) == 0);
        host = std::make_unique<platform::shim_host>(
            loop.get_executor(),
            platform::shim_host::places{sessions, shim, {"PATH=/usr/bin:/bin"}, std::nullopt, 0});
        host->report_to(heard);
        record.id = session_id::from_entropy({7});
        record.worker_port = 1;
        REQUIRE(host->open(record).has_value());
    }
    ~fixture() {
        host->release(record.id);
        loop.poll();
    }
    std::string directory() const { return place.path + "/sessions/" + record.id.str(); }
    std::string written(const std::string& name) const {
        return os::read_file(directory() + "/" + name, 4096).value_or("");
    }
};

bool has_ended(const std::string& pid) {
    const auto stat = os::read_file("/proc/" + pid + "/stat", 4096).value_or("");
    return stat.find(") Z ") != std::string::npos;
}

}  // namespace

TEST_CASE("a shim that ends while termd is about to connect to it again is missed by nobody") {
    fixture f("printf %s $$ >pid; exec 3<&-; mkfifo go; sleep 600 & printf yes >ready; read word <go\n");
    REQUIRE(eventually([&] { return f.written("ready") == "yes"; }));
    run_ready(f.loop);  // the conversation has broken: soon it is tried again
    const auto tried_again = steady::now() + 150ms;

    std::ofstream(f.directory() + "/go") << "go\n";
    REQUIRE(eventually([&] { return has_ended(f.written("pid")); }));
    REQUIRE(eventually([&] { return steady::now() > tried_again; }));  // both are due at once

    CHECK(run_until(f.loop, [&] { return f.heard.times_gone > 0; }));
    run_ready(f.loop);
    CHECK(f.heard.times_gone == 1);
}

TEST_CASE("a shim that has never been told to start has lost nothing") {
    fixture f("exit 1\n");
    REQUIRE(run_until(f.loop, [&] { return f.heard.times_gone > 0; }));
    REQUIRE(f.heard.gone_with.has_value());
    CHECK(f.heard.gone_with->reason == protocol::end_reason::start_failed);
}

TEST_CASE("one that had been told to start, and said nothing at its end, is lost") {
    fixture f(": >exit.room\n");
    REQUIRE(run_until(f.loop, [&] { return f.heard.times_gone > 0; }));
    CHECK_FALSE(f.heard.gone_with.has_value());
}

TEST_CASE("a directory that cannot be removed for want of a descriptor is removed later") {
    fixture f("read word <&3\n");
    {
        const few_descriptors none;
        f.host->remove(f.record.id);
        CHECK(std::filesystem::exists(f.directory()));
    }
    CHECK(run_until(f.loop, [&] { return !std::filesystem::exists(f.directory()); }));
}

// As after an upgrade while termd runs: its hello says version 99, and none before that.
TEST_CASE("a shim that was just started and speaks no version of ours never starts its session") {
    fixture f(
        "printf '\\000\\000\\000\\033\\001"
        "\\001\\000\\000\\000\\010\\000\\000\\000\\000\\000\\000\\000\\143"
        "\\002\\000\\000\\000\\010\\000\\000\\000\\000\\000\\000\\000\\143' >&3\n"
        "exec sleep 600\n");
    REQUIRE(run_until(f.loop, [&] { return f.heard.times_gone > 0; }));
    REQUIRE(f.heard.gone_with.has_value());
    CHECK(f.heard.gone_with->reason == protocol::end_reason::start_failed);
}

TEST_CASE("one that left somebody behind has not ended before he was killed") {
    fixture f(": >exit.room\nsleep 600 & printf %s $$ >pid\n");
    REQUIRE(eventually([&] { return has_ended(f.written("pid")); }));
    std::vector<std::string> told;
    platform::shim_host::adoption tell;
    tell.ended = [&](const auto& record, const auto&) { told.push_back(record.id.str()); };
    platform::shim_host next(f.loop.get_executor(), {f.place.path + "/sessions", "", {}, {}, 0});

    CHECK(next.adopt_all(f.record.boot_id, tell) == std::vector{f.record.id});
    CHECK(told.empty());
    next.when_empty([&] { told.push_back("empty"); });

    CHECK(run_until(f.loop, [&] { return told.size() == 2; }));
    CHECK(told == std::vector<std::string>{f.record.id.str(), "empty"});
}
