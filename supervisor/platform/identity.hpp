// Who a uid is, as the system's user data base says, and whether that makes them an operator.
// Answers are kept for a while: the data base may be a directory server.
#pragma once

#include <sys/types.h>

#include <map>
#include <span>
#include <string>
#include <vector>

#include "common/time.hpp"
#include "supervisor/model/requests.hpp"

namespace termd::platform {

class identities {
  public:
    // Users by name, or "@group".
    explicit identities(std::vector<std::string> operators) : operators_(std::move(operators)) {}

    model::caller of(uid_t uid, gid_t gid, std::span<const gid_t> groups, boot_time now);

  private:
    bool is_operator(const std::string& user, gid_t gid, std::span<const gid_t> groups) const;

    struct known {
        std::string name;
        boot_time until;
    };
    std::vector<std::string> operators_;
    std::map<uid_t, known> names_;
};

// The gid of a group, for the control socket; -1 when there is no such group.
gid_t group_id(const std::string& name);

struct local_user {
    std::string name, home;
};
local_user user_of(uid_t uid);  // "uid-1234" and "/" when it is in no data base

}  // namespace termd::platform
