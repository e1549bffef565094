#include "supervisor/shim/exit_record.hpp"

#include "protocol/checked_text.hpp"
#include "protocol/session_record.hpp"

namespace termd::shim {

// Written by hand: the shim does without a JSON library, and nothing in here needs escaping.
std::string exit_record(protocol::end_reason reason,
                        const std::optional<protocol::exit_status>& exit) {
    std::string status = "null";
    if (exit)
        status = exit->how == protocol::exit_status::kind::code
                     ? "{\"code\": " + std::to_string(exit->number) + "}"
                     : "{\"signal\": \"" + protocol::signal_name(exit->number) + "\"}";
    return protocol::with_check("{\"version\": " + std::to_string(protocol::exit_record::version) +
                                ", \"reason\": \"" + std::string(to_string(reason)) +
                                "\", \"exit\": " + status + "}");
}

}  // namespace termd::shim
