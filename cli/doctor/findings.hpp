// The judgements of `termctl doctor`: each a function of facts to one line and what to do about it.
// Pure.
#pragma once

#include <boost/json/fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/columns.hpp"
#include "cli/doctor/facts.hpp"

namespace termd::cli {

enum class verdict { ok, warning, problem };

struct finding {
    std::string_view check;  // "ttyd", "ports"
    verdict how = verdict::ok;
    std::string detail;    // safe to print
    std::string remedy{};  // what to do; "" when there is nothing
};

std::string_view to_string(verdict value);

finding ttyd_finding(const program_facts& ttyd);
finding page_finding(const std::string& wanted, const file_facts& page);  // wanted: ttyd.page
finding ssh_finding(const program_facts& ssh);
// `user` is termd's; "" when that is not known.
std::vector<finding> key_findings(std::span<const file_facts> keys, const std::string& user);
finding host_finding(const file_facts& known_hosts, const program_facts& keyscan,
                     const program_facts& keygen);
finding runtime_finding(const file_facts& directory, bool daemon_runs);
finding socket_finding(const file_facts& socket, const std::string& wanted_group, bool daemon_runs);
finding port_finding(const port_facts& ports, bool daemon_runs);
finding proxy_finding(const proxy_facts& proxy, bool daemon_runs);
finding containment_finding(const daemon_facts& daemon);
finding state_finding(const file_facts& directory);
finding clock_finding(const clock_facts& clock);
// `most_sessions` is sessions.max_total; `own` the limit of who asks, for when no daemon runs.
finding descriptor_finding(const daemon_facts& daemon, std::uint64_t own,
                           std::int64_t most_sessions);
finding version_finding(const daemon_facts& daemon, std::string_view own);

bool any_problem(std::span<const finding> findings);
std::string finding_lines(std::span<const finding> findings, const look& how);
boost::json::array to_json(std::span<const finding> findings);

}  // namespace termd::cli
