// What `termctl doctor` has seen, without a judgement. findings.hpp judges; gather.cpp looks.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace termd::cli {

// What of the configuration the checks need.
struct daemon_settings {
    std::string runtime, state, socket, group;
    std::string ttyd, page, ssh;
    std::vector<std::string> keys;
    std::string address;
    int first_port = 0, last_port = 0;
    std::int64_t max_total = 0;
    bool uses_sockets = false;
    std::string proxy_group, public_url;
};

struct program_facts {
    std::string wanted;   // as the configuration has it
    std::string path;     // where it is; "": nowhere
    std::string version;  // its first line when asked; "": it does not run
};

struct file_facts {
    std::string path;
    bool there = false;
    bool is_directory = false, is_socket = false;
    bool readable = false, writable = false;  // for who asks
    mode_t mode = 0;                          // permission bits
    std::string owner, group;
};

struct port_facts {
    int first = 0, last = 0;
    int busy = 0;                               // of them, by whomever
    int ephemeral_low = 0, ephemeral_high = 0;  // 0: not known
    int exposed = 0;                            // inside the ephemeral range and not reserved
};

// What is there for a reverse proxy.
struct proxy_facts {
    std::string group;  // that is to be let in; "": none
    bool group_there = false;
    file_facts socket;
    std::string url;
};

struct clock_facts {
    std::int64_t now = 0;              // seconds since 1970
    std::optional<bool> synchronised;  // nothing: the kernel does not say
};

// Of the daemon that runs; nothing of it when none answers.
struct daemon_facts {
    std::string socket;
    std::string trouble;  // why it could not be asked; "" when it answered
    std::string version, containment;
    std::optional<std::uint64_t> descriptors;  // its own limit
};

}  // namespace termd::cli
