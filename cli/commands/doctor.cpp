#include <array>
#include <boost/json.hpp>
#include <ostream>

#include "cli/commands/table.hpp"
#include "cli/console.hpp"
#include "cli/doctor/findings.hpp"
#include "cli/doctor/gather.hpp"
#include "cli/doctor/settings.hpp"
#include "cli/program.hpp"
#include "common/text.hpp"
#include "os/parts.hpp"

namespace termd::cli {
namespace {

using findings = std::vector<finding>;

constexpr std::array parameters{
    parameter{"--config", "FILE", "termd's configuration; /etc/termd/termd.toml when not given",
              takes::one, false, check_not_empty},
};

constexpr milliseconds reading{10'000};

finding config_problem(std::string detail, std::string remedy) {
    return {"config", verdict::problem, std::move(detail), std::move(remedy)};
}

// termd's words about its configuration; the first line of them.
std::string first_line(const std::string& text) {
    return escape_untrusted(text.substr(0, text.find('\n')), 1024);
}

struct configuration {
    std::optional<daemon_settings> settings;
    finding about;
};

configuration read_configuration(const std::string& file) {
    const auto termd = find_termd();
    if (termd.empty()) return {{}, config_problem("termd itself is not here", "install termd")};
    const auto end = run_program(termd, {"--print-config", "--config", file}, reading);
    if (!end) return {{}, config_problem(end.error().text, "run termd --print-config by hand")};
    if (end->code != 0)
        return {{}, config_problem(first_line(end->errors), "termctl config check " + file)};
    auto settings = read_settings(end->output);
    if (!settings) return {{}, config_problem(settings.error().text, "install both again")};
    return {std::move(*settings), {"config", verdict::ok, escape_untrusted(file, 4096)}};
}

void look_at_all(const console& c, const daemon_settings& s, findings& out) {
    const auto socket = c.set().socket_given ? c.set().socket : s.socket;
    const auto daemon = look_at_daemon(c, socket);
    const bool runs = daemon.trouble.empty();
    std::vector<file_facts> keys;
    for (const auto& key : s.keys) keys.push_back(look_at_file(key));
    out.push_back(ttyd_finding(look_at_program(s.ttyd, "--version")));
    out.push_back(page_finding(s.page, look_at_file(os::find_page())));
    out.push_back(ssh_finding(look_at_program(s.ssh, "-V")));
    const auto runtime = look_at_file(s.runtime);  // its owner is termd's user
    for (auto& f : key_findings(keys, runtime.there ? runtime.owner : "")) out.push_back(std::move(f));
    out.push_back(host_finding(look_at_file(s.state + "/known_hosts"), find_program_facts("ssh-keyscan"),
                               find_program_facts("ssh-keygen")));
    out.push_back(runtime_finding(runtime, runs));
    out.push_back(socket_finding(look_at_file(socket), s.group, runs));
    out.push_back(s.uses_sockets ? proxy_finding(look_at_proxy(s), runs)
                                 : port_finding(look_at_ports(s), runs));
    out.push_back(containment_finding(daemon));
    out.push_back(state_finding(look_at_file(s.state)));
    out.push_back(clock_finding(look_at_clock()));
    out.push_back(descriptor_finding(daemon, own_descriptor_limit(), s.max_total));
    out.push_back(version_finding(daemon, TERMD_VERSION));
}

exit_code run(console& c) {
    if (c.set().format == output_format::id)
        return c.refuse({exit_code::usage, "there is no id to print – use -o table or -o json"});
    const auto file = c.given().value("--config").value_or("/etc/termd/termd.toml");
    const auto config = read_configuration(file);
    findings all{config.about};
    if (config.settings) look_at_all(c, *config.settings, all);
    if (c.set().format == output_format::json)
        c.out() << boost::json::serialize(to_json(all)) << "\n";
    else
        c.out() << finding_lines(all, c.how());
    return any_problem(all) ? exit_code::refused : exit_code::done;
}

}  // namespace

constinit const command doctor_command{"doctor", "check what usually goes wrong, and what to do",
                                       parameters, quick, run};

}  // namespace termd::cli
