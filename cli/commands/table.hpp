// All commands of termctl, each from the file of its name in this directory.
#pragma once

#include <span>

#include "cli/command.hpp"

namespace termd::cli {

extern const command open_command;
extern const command ls_command;
extern const command show_command;
extern const command close_command;
extern const command share_command;
extern const command message_command;
extern const command extend_command;
extern const command heartbeat_command;
extern const command restart_command;
extern const command log_command;
extern const command status_command;

// In the order of the help.
std::span<const command* const> command_table();

}  // namespace termd::cli
