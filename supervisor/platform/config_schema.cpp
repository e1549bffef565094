#include "supervisor/platform/config_schema.hpp"

#include <algorithm>

#include "common/text.hpp"
#include "supervisor/platform/config_table.hpp"

namespace termd::platform {
namespace {

using model::config;

// [commands.NAME]: tables whose names the administrator chooses.
const std::vector<setting<config::command>>& command_rows() {
    static const std::vector<setting<config::command>> rows{
        row("argv", &config::command::argv, argv(command_word))};
    return rows;
}

void read_command(const toml_entry& entry, config& settings, findings& found) {
    const auto name = "commands." + escape_untrusted(entry.key, 64);
    const complaints wrong(name, found.problems);
    if (const auto problem = command_name(entry.key); !problem.empty()) wrong(entry.at, problem);
    const auto* table = expect_table(name, entry, found);
    if (!table) return;
    auto& command = settings.commands[entry.key];
    read_rows(name, *table, command_rows(), command, found);
    if (found.keys.count(name + ".argv") == 0) wrong(entry.at, "has no argv");
}

section commands_section() {
    return {"commands",
            [](const toml_entry& all, config& settings, findings& found) {
                const auto* table = expect_table("commands", all, found);
                if (table == nullptr) return;
                for (const auto& entry : *table) read_command(entry, settings, found);
            },
            [](const config& settings, std::vector<written_key>& out) {
                for (const auto& [name, command] : settings.commands)
                    write_rows("commands." + name, command_rows(), command, out);
            }};
}

// [[hooks]]: as many tables as there are hooks, told apart by their numbers.
const std::vector<setting<config::hook>>& hook_rows() {
    static const std::vector<setting<config::hook>> rows{
        row("events", &config::hook::events, texts(event_pattern)),
        row("argv", &config::hook::argv, argv(plain_word)),
        row("timeout", &config::hook::timeout, duration())};
    return rows;
}

void read_hook(const std::string& name, const toml_node& node, config& settings, findings& found) {
    const complaints wrong(name, found.problems);
    const auto* table = expect<toml_table>(node, "a table", wrong);
    if (!table) return;
    auto& hook = settings.hooks.emplace_back();
    read_rows(name, *table, hook_rows(), hook, found);
    for (const char* key : {"events", "argv"})
        if (found.keys.count(name + "." + key) == 0) wrong(node.at, "has no " + std::string(key));
}

section hooks_section() {
    return {"hooks",
            [](const toml_entry& entry, config& settings, findings& found) {
                const complaints wrong("hooks", found.problems);
                const auto* all = expect<toml_array>(entry.value, "tables, each [[hooks]]", wrong);
                for (std::size_t i = 0; all && i < all->size(); ++i)
                    read_hook("hooks." + std::to_string(i + 1), (*all)[i], settings, found);
            },
            [](const config& settings, std::vector<written_key>& out) {
                int number = 0;
                for (const auto& hook : settings.hooks)
                    write_rows("hooks." + std::to_string(++number), hook_rows(), hook, out,
                               "[[hooks]]");
            }};
}

constexpr std::array second_clients{
    word<model::second_client>{"takeover", model::second_client::takeover},
    word<model::second_client>{"share", model::second_client::share},
    word<model::second_client>{"refuse", model::second_client::refuse},
};
constexpr std::array host_key_policies{
    word<model::host_key_policy>{"ask", model::host_key_policy::ask},
    word<model::host_key_policy>{"strict", model::host_key_policy::strict},
    word<model::host_key_policy>{"accept-new", model::host_key_policy::accept_new},
};
constexpr std::array recording_modes{
    word<model::recording_mode>{"off", model::recording_mode::off},
    word<model::recording_mode>{"on", model::recording_mode::on},
    word<model::recording_mode>{"required", model::recording_mode::required},
};
constexpr std::array access_kinds{
    word<model::access_kind>{"ports", model::access_kind::ports},
    word<model::access_kind>{"sockets", model::access_kind::sockets},
};

constexpr std::array page_kinds{
    word<model::page_kind>{"termd", model::page_kind::termd},
    word<model::page_kind>{"stock", model::page_kind::stock},
};
constexpr std::array log_levels{
    word<model::log_level>{"trace", model::log_level::trace},
    word<model::log_level>{"debug", model::log_level::debug},
    word<model::log_level>{"info", model::log_level::info},
    word<model::log_level>{"warn", model::log_level::warn},
    word<model::log_level>{"error", model::log_level::error},
    word<model::log_level>{"off", model::log_level::off},
};

std::vector<section> all_sections() {
    using paths = config::paths_section;
    using control = config::control_section;
    using sessions = config::sessions_section;
    using workers = config::workers_section;
    using ttyd = config::ttyd_section;
    using ssh = config::ssh_section;
    using targets = config::targets_section;
    using probe = config::probe_section;
    using restart = config::restart_section;
    using recording = config::recording_section;
    using history = config::history_section;
    using metrics = config::metrics_section;
    using log = config::log_section;
    constexpr std::uint64_t MiB = 1 << 20;

    // One row, one line.
    // clang-format off
    return {
        section_of("paths", &config::paths, {
            row("runtime", &paths::runtime, text(absolute_path)),
            row("state", &paths::state, text(absolute_path)),
        }),
        section_of("control", &config::control, {
            row("socket", &control::socket, text(absolute_path_or_empty)),
            row("group", &control::group, text(group_name_or_empty)),
            row("operators", &control::operators, texts(account)),
        }),
        section_of("sessions", &config::sessions, {
            row("ttl", &sessions::ttl, duration_or_off()),
            row("ttl_max", &sessions::ttl_max, duration_or_off()),
            row("idle_timeout", &sessions::idle_timeout, duration_or_off()),
            row("gone_timeout", &sessions::gone_timeout, duration_or_off()),
            row("unattached_timeout", &sessions::unattached_timeout, duration_or_off()),
            row("warn_before", &sessions::warn_before, duration_or_off()),
            row("max_per_user", &sessions::max_per_user, integer(1, 100'000)),
            row("max_total", &sessions::max_total, integer(1, 100'000)),
            row("open_rate", &sessions::open_rate, integer(0, 100'000)),
            row("open_burst", &sessions::open_burst, integer(1, 100'000)),
            row("reuse", &sessions::reuse, boolean()),
            row("on_second_client", &sessions::on_second_client, one_of(second_clients)),
        }),
        section_of("workers", &config::workers, {
            row("access", &workers::access, one_of(access_kinds)),
            row("proxy_group", &workers::proxy_group, text(group_name_or_empty)),
            row("ticket_ttl", &workers::ticket_ttl, duration()),
            row("address", &workers::address, text(ip_address)),
            row("ports", &workers::ports, ports()),
            row("public_url", &workers::public_url, text(base_url_or_empty)),
            row("start_timeout", &workers::start_timeout, duration()),
            row("stop_grace", &workers::stop_grace, duration_or_off()),
            row("replay", &workers::replay, size(64 * MiB)),
            row("columns", &workers::columns, bounds(1, 1000)),
            row("rows", &workers::rows, bounds(1, 1000)),
        }),
        section_of("ttyd", &config::ttyd, {
            row("path", &ttyd::path, text(program)),
            row("options", &ttyd::options, client_options()),
            row("page", &ttyd::page, one_of(page_kinds)),
        }),
        section_of("ssh", &config::ssh, {
            row("path", &ssh::path, text(program)),
            row("login", &ssh::login, text(login_name)),
            row("keys", &ssh::keys, texts(absolute_path)),
            row("host_keys", &ssh::host_keys, one_of(host_key_policies)),
            row("connect_timeout", &ssh::connect_timeout, whole_seconds()),
            row("keepalive", &ssh::keepalive, whole_seconds()),
            row("options", &ssh::options, texts(ssh_option)),
        }),
        section_of("targets", &config::targets, {
            row("allow", &targets::allow, texts(target_rule)),
            row("deny", &targets::deny, texts(target_rule)),
        }),
        commands_section(),
        section_of("probe", &config::probe, {
            row("interval", &probe::interval, duration_or_off()),
            row("timeout", &probe::timeout, duration()),
            row("failures", &probe::failures, integer(1, 100)),
        }),
        section_of("restart", &config::restart, {
            row("max", &restart::max, integer(0, 1000)),
            row("window", &restart::window, duration()),
            row("healthy_after", &restart::healthy_after, duration()),
        }),
        section_of("recording", &config::recording, {
            row("mode", &recording::mode, one_of(recording_modes)),
            row("max_size", &recording::max_size, size(1024 * 1024 * MiB)),
            row("keep", &recording::keep, duration_or_off()),
            row("input", &recording::input, boolean()),
        }),
        section_of("history", &config::history, {
            row("keep", &history::keep, duration_or_off()),
            row("commands", &history::commands, boolean()),
        }),
        hooks_section(),
        section_of("metrics", &config::metrics, {
            row("listen", &metrics::listen, text(tcp_address_or_empty)),
        }),
        section_of("log", &config::log, {
            row("level", &log::level, one_of(log_levels)),
        }),
    };
    // clang-format on
}

const std::vector<section>& sections() {
    static const auto all = all_sections();
    return all;
}

}  // namespace

void read_sections(const toml_table& file, config& settings, findings& found) {
    for (const auto& entry : file) {
        const auto& known = sections();
        const auto part = std::find_if(known.begin(), known.end(),
                                       [&](const auto& s) { return s.name == entry.key; });
        if (part == known.end())
            unknown_key("", entry, names_of(known), found);
        else
            part->read(entry, settings, found);
    }
}

std::vector<written_key> write_sections(const config& settings) {
    std::vector<written_key> out;
    for (const auto& part : sections()) part.write(settings, out);
    return out;
}

}  // namespace termd::platform
