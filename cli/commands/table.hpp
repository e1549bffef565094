// All commands of termctl, each from the file of its name in this directory.
#pragma once

#include <span>

#include "cli/command.hpp"

namespace termd::cli {

extern const command open_command;
extern const command ls_command;
extern const command show_command;
extern const command close_command;
extern const command attach_command;
extern const command share_command;
extern const command message_command;
extern const command extend_command;
extern const command heartbeat_command;
extern const command restart_command;
extern const command log_command;
extern const command recording_command;
extern const command status_command;
extern const command top_command;
extern const command history_command;
extern const command audit_command;
extern const command audit_verify_command;
extern const command events_command;
extern const command host_ls_command;
extern const command host_scan_command;
extern const command host_trust_command;
extern const command host_forget_command;
extern const command reload_command;
extern const command drain_command;
extern const command shutdown_command;
extern const command doctor_command;
extern const command config_check_command;
extern const command completion_command;

// In the order of the help.
std::span<const command* const> command_table();

}  // namespace termd::cli
