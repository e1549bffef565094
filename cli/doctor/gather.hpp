// Looks at this machine for `termctl doctor`.
#pragma once

#include <string>

#include "cli/doctor/facts.hpp"
#include "cli/failure.hpp"

namespace termd::cli {

class console;

// As termd would look for it: along PATH when it has no slash. `ask` makes it tell its version.
program_facts find_program_facts(const std::string& wanted);  // without running it
program_facts look_at_program(const std::string& wanted, const std::string& ask);
file_facts look_at_file(const std::string& path);
proxy_facts look_at_proxy(const daemon_settings& settings);
port_facts look_at_ports(const daemon_settings& settings);
clock_facts look_at_clock();
std::uint64_t own_descriptor_limit();
daemon_facts look_at_daemon(const console& c, const std::string& socket);

}  // namespace termd::cli
