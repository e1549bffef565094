// The command line that termd would start for each "HOST LOGIN PORT" on standard input: its words
// with a NUL behind each, then a line feed; or "refused" when the grammar lets host or login not
// pass. For tests/e2e/test_ssh_command.py, which asks the real ssh what it makes of them.
#include <iostream>
#include <sstream>
#include <string>

#include "supervisor/model/grammar.hpp"
#include "supervisor/model/programs.hpp"

namespace {

using namespace termd;

// Exactly three fields between single blanks; a name with a blank in it is then no name.
bool split(const std::string& line, model::target& out) {
    const auto first = line.find(' '), last = line.rfind(' ');
    if (first == std::string::npos || first == last) return false;
    out.host = line.substr(0, first);
    out.login = line.substr(first + 1, last - first - 1);
    return static_cast<bool>(std::istringstream(line.substr(last + 1)) >> out.port);
}

}  // namespace

int main() {
    model::surroundings where;
    where.ssh = "/usr/bin/ssh";
    model::config settings;
    settings.paths.state = "/nonexistent/termd";
    const auto id = session_id::parse("k3v9q0w1x2y4z5a6").value();
    for (std::string line; std::getline(std::cin, line);) {
        model::target to;
        if (!split(line, to) || !model::is_host(to.host) || !model::is_login(to.login)) {
            std::cout << "refused\n";
            continue;
        }
        for (const auto& word : ssh_program(settings, where, id, to, "/nonexistent/key").argv)
            std::cout << word << '\0';
        std::cout << '\n';
    }
}
