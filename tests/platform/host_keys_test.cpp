// The trusted host keys with a real file and the real ssh-keygen; ssh-keyscan is a script that says what
// it is told to. The real one meets real sshds in tests/e2e/test_host_keys.py.
#include "supervisor/platform/host_keys.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "../unit/model/host_keys.hpp"
#include "helpers.hpp"

using namespace termd;
using namespace termd::platform;
using namespace termd::test;
using engine::host_asked_for;
using model::host_key_policy;

namespace {

// Prints what is in "says" and "complains"; when there is a file "slowly", after a line comes through "gate".
constexpr const char* slow_scan = R"(#!/bin/sh
cd FOLDER || exit 9
echo "$@" >> asked
[ -e slowly ] && read -r line < gate
cat says 2>/dev/null
cat complains >&2 2>/dev/null
[ -s says ]
)";

struct fixture {
    temporary_directory folder;
    boost::asio::io_context loop;
    model::config settings;
    std::vector<key_change> told;
    std::optional<host_keys> keys;
    os::unique_fd gate;

    explicit fixture(host_key_policy policy = host_key_policy::ask) {
        settings.paths.state = folder.path;
        settings.ssh.host_keys = policy;
        write("known_hosts", "");
        std::string script = slow_scan;
        script.replace(script.find("FOLDER"), 6, folder.path);
        write("ssh-keyscan", script);
        std::filesystem::permissions(at("ssh-keyscan"), std::filesystem::perms::owner_all);
        begin();
    }

    void begin() {
        keys.emplace(loop.get_executor(), settings,
                     key_tools::surroundings{folder.path + ":/usr/bin:/bin", {"PATH=/usr/bin:/bin"}},
                     [this](const key_change& change) { told.push_back(change); });
    }

    std::string at(const std::string& name) const { return folder.path + "/" + name; }
    void write(const std::string& name, const std::string& text) {
        std::ofstream(at(name)) << text;
    }
    std::string read(const std::string& name) const {
        std::ostringstream out;
        out << std::ifstream(at(name)).rdbuf();
        return out.str();
    }
    void shows(const std::vector<model::host_key>& offered) {
        std::string text;
        for (const auto& key : offered) text += line("db1", key) + "\n";
        write("says", text);
    }
    // Open both ways, so that no opening of it waits for the other side.
    void make_slow() {
        REQUIRE(::mkfifo(at("gate").c_str(), 0600) == 0);
        gate.reset(::open(at("gate").c_str(), O_RDWR | O_CLOEXEC));
        write("slowly", "");
    }
    void let_one_through() const { REQUIRE(::write(gate.get(), "\n", 1) == 1); }
    std::size_t scans() const {
        const auto asked = read("asked");
        return static_cast<std::size_t>(std::count(asked.begin(), asked.end(), '\n'));
    }

    template <class Start>
    result<void> wait(Start start) {
        std::optional<result<void>> out;
        start([&](result<void> how) { out = std::move(how); });
        REQUIRE(run_until(loop, [&] { return out.has_value(); }));
        return *out;
    }
    result<void> admit(const model::vouched_for& key = {}, const std::string& host = "db1") {
        return wait([&](auto then) { keys->admit({host, 22, "me", "me", key}, then); });
    }
};

bool is_error(const result<void>& how, errc code) {
    return how.has_error() && how.error().code == code;
}

}  // namespace

TEST_CASE("a key that is trusted is in the file before the opening goes on") {
    fixture f;
    f.write("known_hosts", "# by hand, without an end");
    f.shows({ed25519(1), rsa(1)});
    REQUIRE(is_error(f.admit(), errc::host_untrusted));
    CHECK(f.told.empty());
    REQUIRE(f.admit(rsa(1).fingerprint).has_value());
    CHECK(f.read("known_hosts") == "# by hand, without an end\n" + line("db1", rsa(1)) + "\n");
    REQUIRE(f.told.size() == 1);
    CHECK(f.told[0].how == key_change::way::caller_vouched);
    CHECK(f.told[0].by == "me");
    CHECK(f.told[0].key == rsa(1));
}

TEST_CASE("a host that is in the file is asked nothing, for as long as the file is the same") {
    fixture f;
    f.write("known_hosts", line("db1", ed25519(1)) + "\n");
    CHECK(f.admit().has_value());
    CHECK(f.admit().has_value());
    CHECK(f.scans() == 0);
    f.shows({ed25519(1)});
    f.write("known_hosts", line("db2", ed25519(1)) + "\n");
    CHECK(is_error(f.admit(), errc::host_untrusted));
    CHECK(f.scans() == 1);
}

TEST_CASE("who asks for a host that is being asked shares the answer") {
    fixture f;
    f.shows({ed25519(1)});
    REQUIRE(is_error(f.admit(), errc::host_untrusted));  // what the file says is known from now on
    f.make_slow();
    int refused = 0, trusted = 0;
    for (int i = 0; i < 5; ++i)
        f.keys->admit({"db1", 22, "me", "me", {}}, [&](const auto& how) { refused += !how; });
    f.keys->admit({"DB1", 22, "me", "me", ed25519(1).fingerprint},
                  [&](const auto& how) { trusted += how.has_value(); });
    REQUIRE(run_until(f.loop, [&] { return f.scans() == 2; }));
    f.let_one_through();
    REQUIRE(run_until(f.loop, [&] { return refused == 5 && trusted == 1; }));
    CHECK(f.scans() == 2);
    CHECK(f.read("known_hosts") == line("db1", ed25519(1)) + "\n");
}

TEST_CASE("a host that says nothing is waited for no longer than connecting may take") {
    fixture f;
    f.settings.ssh.connect_timeout = 300ms;
    f.keys->configure(f.settings);
    f.make_slow();
    const auto how = f.admit();
    REQUIRE(is_error(how, errc::start_failed));
    CHECK(how.error().detail.find("timed out") != std::string::npos);
    CHECK(how.error().detail.find("300ms") != std::string::npos);
}

TEST_CASE("what ssh-keyscan complains of is told, and its silence is a refused connection") {
    fixture f;
    f.write("complains", "# db1:22 SSH-2.0-x\nread (db1): No route to \x1b[31mhost\r\n");
    const auto how = f.admit();
    REQUIRE(is_error(how, errc::start_failed));
    CHECK(how.error().detail ==
          "connect to host db1 port 22: read (db1): No route to \\x1b[31mhost");
    f.write("complains", "");
    CHECK(f.admit().error().detail == "connect to host db1 port 22: Connection refused");
}

TEST_CASE("a name is tried at its other address, too, an address is not") {
    fixture f;
    CHECK(is_error(f.admit(), errc::start_failed));
    CHECK(f.scans() == 2);
    CHECK(f.read("asked").find("-p 22 -4 -- db1\n") != std::string::npos);
    CHECK(is_error(f.admit({}, "10.0.0.5"), errc::start_failed));
    CHECK(is_error(f.admit({}, "fe80::1%eth0"), errc::start_failed));
    CHECK(f.scans() == 4);
}

TEST_CASE("whoever waits is answered when it is given up, and then no key is trusted any more") {
    fixture f(host_key_policy::accept_new);
    f.shows({ed25519(1)});
    f.make_slow();
    int drained = 0;
    f.keys->admit({"db1", 22, "me", "me", {}},
                  [&](const auto& how) { drained += is_error(how, errc::draining); });
    REQUIRE(run_until(f.loop, [&] { return f.scans() == 1; }));
    f.keys->give_up(error{errc::draining});
    CHECK(drained == 1);
    bool listed = false;
    f.let_one_through();
    f.keys->scan("db1", 22, [&](const auto&) { listed = true; });
    f.let_one_through();
    REQUIRE(run_until(f.loop, [&] { return listed; }));
    CHECK(drained == 1);
    CHECK(f.read("known_hosts").empty());
}

TEST_CASE("one user cannot have every host asked at once") {
    fixture f;
    f.make_slow();
    int refused = 0, others = 0;
    for (int i = 0; i < 40; ++i)
        f.keys->admit({"db" + std::to_string(i), 22, "portal", "alice", {}},
                      [&](const auto& how) { refused += is_error(how, errc::user_limit); });
    CHECK(refused == 8);
    f.keys->admit({"db99", 22, "portal", "bob", {}}, [&](const auto&) { ++others; });
    CHECK(others == 0);
}

TEST_CASE("the file is never lost to two who write at once") {
    fixture f(host_key_policy::accept_new);
    f.shows({ed25519(1)});
    int opened = 0;
    for (int i = 0; i < 20; ++i)
        f.keys->admit({"db" + std::to_string(i), 22, "me", std::to_string(i), {}},
                      [&](const auto& how) { opened += how.has_value(); });
    REQUIRE(run_until(f.loop, [&] { return opened == 20; }, 60s));
    CHECK(model::read_known_hosts(f.read("known_hosts")).size() == 20);
    CHECK(f.told.size() == 20);
}

TEST_CASE("a file that cannot be written refuses the opening, and stays what it was") {
    fixture f(host_key_policy::accept_new);
    f.shows({ed25519(1)});
    f.write("known_hosts", "# ours\n");
    std::filesystem::create_directory(f.at("known_hosts.new"));
    CHECK(is_error(f.admit(), errc::internal));
    CHECK(f.read("known_hosts") == "# ours\n");
    CHECK(f.told.empty());
}

TEST_CASE("without the tools of OpenSSH nothing is opened, and they are named") {
    fixture f;
    std::filesystem::remove(f.at("ssh-keyscan"));
    f.keys.emplace(f.loop.get_executor(), f.settings, key_tools::surroundings{f.folder.path, {}},
                   [](const key_change&) {});
    const auto how = f.admit();
    REQUIRE(is_error(how, errc::start_failed));
    CHECK(how.error().detail.find("ssh-keygen") != std::string::npos);
}

TEST_CASE("a host that became known while it was asked is judged by what is known then") {
    fixture f(host_key_policy::accept_new);
    f.shows({rsa(2)});
    f.make_slow();
    std::optional<result<void>> opened;
    f.keys->admit({"db1", 22, "me", "me", {}}, [&](const auto& how) { opened = how; });
    REQUIRE(run_until(f.loop, [&] { return f.scans() == 1; }));
    f.write("known_hosts", line("db1", rsa(1)) + "\n");  // as another opening would have
    f.let_one_through();
    REQUIRE(run_until(f.loop, [&] { return opened.has_value(); }));
    CHECK(is_error(*opened, errc::host_key_changed));
    CHECK(f.read("known_hosts") == line("db1", rsa(1)) + "\n");
}

TEST_CASE("a file that was removed is an empty one") {
    fixture f;
    f.shows({rsa(1)});
    std::filesystem::remove(f.at("known_hosts"));
    CHECK(is_error(f.admit(), errc::host_untrusted));
    CHECK(f.admit(rsa(1).fingerprint).has_value());
    CHECK(f.read("known_hosts") == line("db1", rsa(1)) + "\n");
}
