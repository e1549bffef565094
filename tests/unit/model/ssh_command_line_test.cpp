// A property, tried a million times: whoever chooses host, login and port moves nothing else of
// ssh's command line.
#include <doctest/doctest.h>

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

    std::minstd_rand random_{1};
    std::string text_;
};

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
    name_source names;
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
