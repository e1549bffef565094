#include "supervisor/model/access.hpp"

namespace termd::model {

result<void> may(const caller& who, right what, const std::string& owner) {
    if (who.is_operator) return {};
    switch (what) {
        case right::connect: return {};
        case right::act_for:
            if (!owner.empty() && who.user == owner) return {};
            return error{errc::forbidden, "only an operator may act for somebody else"};
        case right::run_daemon: break;
    }
    return error{errc::forbidden, "only an operator may do this"};
}

}  // namespace termd::model
