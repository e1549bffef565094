// A session's terminal in this terminal: what is typed goes there, what it shows comes here.
#pragma once

#include <optional>
#include <string>

#include "cli/connection.hpp"

namespace termd::cli {

struct attached_end {
    enum class how {
        detached,  // by the one who typed
        told,      // by a signal
        over,      // the session is, or somebody took it over
        refused,
        lost,      // the session cannot be reached any more
    } why;
    std::string words{};  // of the session's; escaped
};

// `on` speaks protocol/attach_messages.hpp; `arrived` has come on it already. Standard input and
// output must be terminals; they are raw meanwhile. `escape`: see escape_keys.hpp.
attached_end stay_attached(connection on, std::string arrived, std::optional<char> escape);

}  // namespace termd::cli
