// Properties, tried a million times each: whoever chooses host, login and port moves nothing else of
// ssh's command line, and no name passes the grammar that could mean something else to ssh.
// TERMD_SEED=N repeats a run.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <string_view>

#include "supervisor/model/grammar.hpp"
#include "supervisor/model/programs.hpp"

using namespace termd;
using namespace termd::model;

namespace {

// Names that pass the grammar, made from what an attacker would try.
class name_source {
  public:
    explicit name_source(unsigned seed) : random_(seed) {}
    std::string host() { return next(is_host, "aZ09-_.oO:%=", host_pieces); }
    std::string login() { return next(is_login, "aZ09-_.oO$=", login_pieces); }
    int port() { return 1 + static_cast<int>(random_() % 65535); }

  private:
    using pieces = std::array<std::string_view, 12>;
    static constexpr pieces host_pieces{"-o",  "-oProxyCommand=id", "--",    "-l",
                                        "::1", "fe80::1%",          "xn--",  "ssh://",
                                        ".",   "10.0.0.",           "root@", "-"};
    static constexpr pieces login_pieces{
        "-o", "-oProxyCommand=id", "--", "-p", "root", "$", "_", ".", "-l", "@", "%h", "a"};

    std::string next(bool (*passes)(std::string_view), std::string_view letters,
                     const pieces& parts) {
        for (;;) {
            text_.clear();
            for (auto left = 1 + random_() % 6; left > 0; --left)
                if (random_() % 4 == 0)
                    text_ += parts[random_() % parts.size()];
                else
                    text_ += letters[random_() % letters.size()];
            if (passes(text_)) return text_;
        }
    }

    std::minstd_rand random_;
    std::string text_;
};

unsigned seed() {
    const char* given = std::getenv("TERMD_SEED");
    const auto out = given ? static_cast<unsigned>(std::strtoul(given, nullptr, 10))
                           : std::random_device{}();
    MESSAGE("TERMD_SEED=", out, " repeats this");
    return out;
}

bool only_the_target_differs(const std::vector<std::string>& argv,
                             const std::vector<std::string>& usual, const target& to) {
    const std::size_t n = usual.size();  // … -l LOGIN -p PORT -- HOST
    if (argv.size() != n) return false;
    for (std::size_t i = 0; i < n; ++i)
        if (i != n - 5 && i != n - 3 && i != n - 1 && argv[i] != usual[i]) return false;
    return argv[n - 6] == "-l" && argv[n - 5] == to.login && argv[n - 4] == "-p" &&
           argv[n - 3] == std::to_string(to.port) && argv[n - 2] == "--" && argv[n - 1] == to.host;
}

}  // namespace

TEST_CASE("host, login and port stay where they belong, a million times") {
    const config settings;
    surroundings where;
    where.ssh = "/usr/bin/ssh";
    const auto id = session_id::parse("k3v9q0w1x2y4z5a6").value();
    const std::optional<std::string> key = "/etc/termd/id_ed25519";
    const auto usual = ssh_program(settings, where, id, {"host", "login", 22}, key).argv;
    name_source names(seed());
    int wrong = 0;
    for (int i = 0; i < 1'000'000; ++i) {
        const target to{names.host(), names.login(), names.port()};
        const bool kept =
            to.host.front() != '-' && to.login.front() != '-' &&
            only_the_target_differs(ssh_program(settings, where, id, to, key).argv, usual, to);
        if (kept) continue;
        ++wrong;
        CHECK_MESSAGE(kept, to.host, " ", to.login, " ", to.port);
        if (wrong == 10) break;
    }
    CHECK(wrong == 0);
}

TEST_CASE("a million names of any bytes: none passes that is more than a name") {
    std::minstd_rand random(seed());
    constexpr std::string_view likely = "aZ09.-_:%@/[]$=~!#;&|`'\"\\ \t\n\xC3\xBC";
    const auto harmless = [](const std::string& text, std::string_view others) {
        return text.front() != '-' &&
               std::all_of(text.begin(), text.end(), [&](char c) {
                   return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || others.find(c) != std::string_view::npos;
               });
    };
    int hosts = 0, logins = 0, wrong = 0;
    std::string text;
    for (int i = 0; i < 1'000'000; ++i) {
        text.clear();
        for (auto left = 1 + random() % 8; left > 0; --left)
            text += random() % 8 == 0 ? static_cast<char>(random() % 256)
                                      : likely[random() % likely.size()];
        if (is_host(text)) {
            ++hosts;
            // "@", "/" and "[" would make it another target, a colon only stands in an address.
            const bool address = text.find(':') != std::string::npos;
            wrong += harmless(text, address ? ".-_:%" : ".-_") ? 0 : 1;
        }
        if (is_login(text)) {
            ++logins;
            wrong += harmless(text, "._-$") && text.find('$') >= text.size() - 1 ? 0 : 1;
        }
    }
    CHECK(wrong == 0);
    CHECK(hosts > 1000);
    CHECK(logins > 1000);
}
