// termd: the composition root. It reads the configuration, builds the parts, ties them together and
// runs the loop; every decision is somewhere else.
#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>
#include <string>

#include "protocol/vocabulary.hpp"
#include "supervisor/platform/config_file.hpp"
#include "supervisor/platform/proxy_group.hpp"
#include "supervisor/start.hpp"

namespace {

using namespace termd;

struct options {
    std::string config = "/etc/termd/termd.toml";
    bool check = false;
    bool print = false;
    std::string end_as;
};

// Asked for the problems, they are the answer; otherwise they are the reason not to start.
int report(const std::string& file, const platform::loaded_config& loaded, std::ostream& to) {
    for (const auto& problem : loaded.problems)
        to << platform::format(file, problem) << '\n';
    return loaded.problems.empty() ? 0 : 2;
}

int run(const options& o) {
    auto loaded = platform::load_config(o.config);
    // They are to end whatever has become of the file: what is wrong in it is at its default.
    if (const auto why = protocol::end_reason_from(o.end_as)) {
        report(o.config, loaded, std::cerr);
        return end_sessions(loaded.settings, o.config, *why);
    }
    if (const auto missing = platform::missing_proxy_group(loaded.settings); o.check && !missing.empty())
        loaded.problems.push_back({0, 0, missing});
    if (const int bad = report(o.config, loaded, o.check ? std::cout : std::cerr); bad != 0 || o.check) return bad;
    if (o.print) {
        std::cout << platform::print_config(loaded.settings);
        return 0;
    }
    return run_daemon(loaded.settings, o.config);
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"termd puts SSH shells into browsers and looks after them."};
    options o;
    app.add_option("--config", o.config, "the configuration file")->type_name("FILE");
    app.add_flag("--check-config", o.check, "say what is wrong with it and exit");
    app.add_flag("--print-config", o.print, "print it with all defaults and exit");
    app.add_option("--end-sessions", o.end_as,
                   "end all sessions, with or without a termd that runs, and exit")
        ->check(CLI::IsMember({"shutdown", "reboot"}))
        ->type_name("shutdown|reboot");
    app.set_version_flag("--version", "termd " TERMD_VERSION);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? 0 : 2;
    }
    try {
        return run(o);
    } catch (const std::exception& e) {
        std::cerr << "termd: " << e.what() << '\n';
        return 1;
    }
}
