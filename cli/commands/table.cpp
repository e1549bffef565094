#include "cli/commands/table.hpp"

#include <array>

namespace termd::cli {

std::span<const command* const> command_table() {
    static constexpr std::array table{
        &open_command,           &ls_command,             &show_command,           &close_command,
        &attach_command,         &share_command,          &message_command,        &extend_command,
        &heartbeat_command,      &restart_command,        &log_command,            &recording_command,
        &status_command,         &top_command,            &history_command,        &audit_command,
        &audit_verify_command,   &events_command,         &host_ls_command,        &host_scan_command,
        &host_trust_command,     &host_forget_command,    &reload_command,         &drain_command,
        &shutdown_command,       &doctor_command,         &config_check_command,   &completion_command,
    };
    return table;
}

}  // namespace termd::cli
