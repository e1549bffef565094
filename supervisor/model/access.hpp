// Who may do what over the control API: one pure function, and every route names what it takes.
#pragma once

#include <string>

#include "common/result.hpp"

namespace termd::model {

// Who asks: a peer of the control socket, by its uid.
struct caller {
    std::string user;
    bool is_operator = false;
};

enum class right {
    connect,     // whoever may connect: what is no secret, and one's own
    act_for,     // deal with the sessions of a user: oneself, or operators for anyone
    run_daemon,  // drain it, reload it, end it: operators
};

// `owner`: of the session that is asked for, or the user it is to be opened for; counts for act_for
// alone.
result<void> may(const caller& who, right what, const std::string& owner = {});

}  // namespace termd::model
