// The shim's last word: why the session ended and how its command did, in a file that stays when
// the shim has gone. `exit.json`:
//
//   {"version": 1, "reason": "exited", "exit": {"code": 0},"check":"…"}
//
// `exit` is null when the command never ran; `check` is as protocol/checked_text.hpp says.
// protocol/session_record.hpp reads it.
#pragma once

#include <optional>
#include <string>

#include "protocol/exit_status.hpp"
#include "protocol/vocabulary.hpp"

namespace termd::shim {

std::string exit_record(protocol::end_reason reason,
                        const std::optional<protocol::exit_status>& exit);

}  // namespace termd::shim
