// The settings of termd, with their defaults: what a configuration file may change. Values in
// here have been read and are each in range; check() finds contradictions between them. Reading
// the file is platform/config_file.hpp. A duration of zero switches its limit off.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/ids.hpp"
#include "common/result.hpp"
#include "common/time.hpp"
#include "protocol/vocabulary.hpp"

namespace termd::model {

using namespace std::chrono_literals;

using protocol::second_client;
enum class access_kind { ports, sockets };
enum class page_kind { termd, stock };
enum class host_key_policy { ask, strict, accept_new };
enum class recording_mode { off, on, required };
enum class log_level { trace, debug, info, warn, error, off };

struct range {  // inclusive
    int first;
    int last;
    bool operator==(const range&) const = default;
};

struct config {
    struct paths_section {
        std::string runtime = "/run/termd";
        std::string state = "/var/lib/termd";
        bool operator==(const paths_section&) const = default;
    } paths;

    struct control_section {
        std::string socket;  // "": control.sock in paths.runtime
        std::string group = "termctl";  // "": termd's own user and root only
        std::vector<std::string> operators = {"root"};
        bool operator==(const control_section&) const = default;
    } control;

    struct sessions_section {
        milliseconds ttl = 30min;
        milliseconds ttl_max = 8h;
        milliseconds idle_timeout = 30min;
        milliseconds gone_timeout = 2min;
        milliseconds unattached_timeout = 2min;
        milliseconds warn_before = 1min;
        int max_per_user = 3;
        int max_total = 1000;
        int open_rate = 10;   // openings a second for each user, after a burst; 0: no limit
        int open_burst = 50;
        bool reuse = true;
        second_client on_second_client = second_client::takeover;
        bool operator==(const sessions_section&) const = default;
    } sessions;

    struct workers_section {
        access_kind access = access_kind::ports;
        std::string proxy_group = "www-data";  // with sockets; "": termd's own user and root only
        milliseconds ticket_ttl = 60s;         // of the one-time secret in a URL, with sockets
        std::string address = "127.0.0.1";     // with ports, as the next one
        range ports{7680, 8679};
        std::string public_url;  // "": http://<address>:<port>/
        milliseconds start_timeout = 10s;
        milliseconds stop_grace = 5s;
        std::uint64_t replay = 256 << 10;  // bytes
        range columns{20, 400};
        range rows{10, 200};
        bool operator==(const workers_section&) const = default;
    } workers;

    struct ttyd_section {
        std::string path = "ttyd";
        std::map<std::string, std::string> options;  // client options (-t), as text
        page_kind page = page_kind::termd;           // what ttyd serves
        bool operator==(const ttyd_section&) const = default;
    } ttyd;

    struct ssh_section {
        std::string path = "ssh";
        std::string login = "automation";
        std::vector<std::string> keys;
        host_key_policy host_keys = host_key_policy::ask;
        milliseconds connect_timeout = 10s;
        milliseconds keepalive = 15s;
        std::vector<std::string> options;  // "Key=value"
        bool operator==(const ssh_section&) const = default;
    } ssh;

    struct targets_section {
        std::vector<std::string> allow = {"*"};
        std::vector<std::string> deny;
        bool operator==(const targets_section&) const = default;
    } targets;

    struct command {
        std::vector<std::string> argv;  // whole words may be {host} {login} {user} {session}
        bool operator==(const command&) const = default;
    };
    std::map<std::string, command> commands;

    struct probe_section {
        milliseconds interval = 10s;
        milliseconds timeout = 2s;
        int failures = 3;
        bool operator==(const probe_section&) const = default;
    } probe;

    struct restart_section {
        int max = 6;
        milliseconds window = 2min;
        milliseconds healthy_after = 1min;
        bool operator==(const restart_section&) const = default;
    } restart;

    struct recording_section {
        recording_mode mode = recording_mode::off;
        std::uint64_t max_size = 64 << 20;  // bytes of one; 0: no limit
        milliseconds keep = 24h * 30;       // zero: for ever
        bool input = false;                 // keys, too: passwords among them
        bool operator==(const recording_section&) const = default;
    } recording;

    struct history_section {
        milliseconds keep = 24h * 90;  // zero: for ever
        bool commands = false;         // the lines that somebody types, as audit rows
        bool operator==(const history_section&) const = default;
    } history;

    struct hook {  // a program that is run on events
        std::vector<std::string> events;  // patterns: protocol/events.hpp
        std::vector<std::string> argv;
        milliseconds timeout = 10s;
        bool operator==(const hook&) const = default;
    };
    std::vector<hook> hooks;

    struct metrics_section {
        std::string listen;  // "127.0.0.1:9680"; "": on the control socket only
        bool operator==(const metrics_section&) const = default;
    } metrics;

    struct log_section {
        log_level level = log_level::info;
        bool operator==(const log_section&) const = default;
    } log;

    std::string control_socket() const;   // control.socket or its default
    std::string proxy_socket() const;
    bool uses_sockets() const { return workers.access == access_kind::sockets; }
    std::string sessions_directory() const;
    std::string worker_socket(const session_id& id) const;  // of a session without a port
    std::string known_hosts_file() const;
    std::string history_file() const;
    std::string recordings_directory() const;
    std::string recording_file(const session_id& id) const;

    bool operator==(const config&) const = default;
};

// Contradictions between settings; `field` is the dotted key that is to be changed.
std::vector<field_problem> check(const config& settings);

}  // namespace termd::model
