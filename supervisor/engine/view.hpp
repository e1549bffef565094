// Model values as the API shows them, and the shim's words as events of the model. Pure.
#pragma once

#include <optional>

#include "protocol/session_record.hpp"
#include "protocol/session_view.hpp"
#include "supervisor/engine/engine.hpp"
#include "supervisor/model/session_machine.hpp"

namespace termd::engine {

// By more than a second, since the session was created.
bool clock_was_set(const protocol::session_record& record, both_clocks now);

protocol::session_view view_of(const model::session& s, const protocol::session_record& record,
                               std::optional<wall_time> closed, both_clocks now);

bool matches(const protocol::session_view& v, const session_filter& filter);
bool matches(const model::session& s, const session_filter& filter);

std::optional<model::event> as_event(const protocol::shim::fact& fact);

}  // namespace termd::engine
