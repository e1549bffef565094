// Who a uid is, as the system's user data base says, and whether that makes them an operator. The
// data base may be a directory server that takes its time or does not answer, so it is asked on a
// thread of its own, and its answers are kept for a minute.
#pragma once

#include <sys/types.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "common/time.hpp"
#include "supervisor/model/access.hpp"

namespace termd::platform {

struct local_user {
    std::string name, home;
};

// The system's data base (getpwuid_r(3), getgrnam_r(3)); both may take their time.
local_user user_of(uid_t uid);           // "uid-1234" and "/" when it is in no data base
gid_t group_id(const std::string& name);  // -1 when there is no such group

class identities {
  public:
    struct peer {
        uid_t uid;
        gid_t gid;
        std::vector<gid_t> groups;  // the supplementary ones
        auto operator<=>(const peer&) const = default;
    };
    struct data_base {
        std::function<local_user(uid_t)> user = user_of;
        std::function<gid_t(const std::string&)> group = group_id;
    };
    // Operators: users by name, or "@group".
    identities(boost::asio::any_io_executor loop, std::vector<std::string> operators,
               data_base from);
    identities(boost::asio::any_io_executor loop, std::vector<std::string> operators)
        : identities(std::move(loop), std::move(operators), data_base{}) {}
    ~identities();  // waits for the look-up that is under way, if there is one

    // Others from here on; what was found out is found out anew.
    void set_operators(std::vector<std::string> operators);

    // `tell` is called on the loop: at once when the answer is known, or when it has come.
    void identify(const peer& who, std::function<void(const model::caller&)> tell);

  private:
    struct known {
        model::caller caller;
        boot_time until;
    };

    boost::asio::any_io_executor loop_;
    std::shared_ptr<const std::vector<std::string>> operators_;  // the thread reads it, too
    data_base from_;
    std::map<peer, known> known_;
    std::map<peer, std::vector<std::function<void(const model::caller&)>>> waiting_;
    boost::asio::thread_pool thread_{1};
};

}  // namespace termd::platform
