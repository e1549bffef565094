#include "supervisor/platform/identity.hpp"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <utility>

#include "os/clock.hpp"

namespace termd::platform {
namespace {

constexpr std::chrono::seconds answer_is_good_for{60};
constexpr std::size_t most_known = 1024;
constexpr std::size_t record_bytes = 16 << 10;

}  // namespace

local_user user_of(uid_t uid) {
    std::array<char, record_bytes> space{};
    passwd record{};
    passwd* found = nullptr;
    if (::getpwuid_r(uid, &record, space.data(), space.size(), &found) == 0 && found != nullptr)
        return {record.pw_name, record.pw_dir};
    return {"uid-" + std::to_string(uid), "/"};
}

gid_t group_id(const std::string& name) {
    std::array<char, record_bytes> space{};
    group record{};
    group* found = nullptr;
    if (::getgrnam_r(name.c_str(), &record, space.data(), space.size(), &found) == 0 &&
        found != nullptr)
        return record.gr_gid;
    return static_cast<gid_t>(-1);
}

namespace {

bool is_operator(const std::string& user, const identities::peer& who,
                 const std::vector<std::string>& operators, const identities::data_base& from) {
    return std::any_of(operators.begin(), operators.end(), [&](const std::string& name) {
        if (name.empty() || name.front() != '@') return name == user;
        const gid_t wanted = from.group(name.substr(1));
        return wanted != static_cast<gid_t>(-1) &&
               (who.gid == wanted ||
                std::find(who.groups.begin(), who.groups.end(), wanted) != who.groups.end());
    });
}

}  // namespace

identities::identities(boost::asio::any_io_executor loop, std::vector<std::string> operators,
                       data_base from)
    : loop_(std::move(loop)),
      operators_(std::make_shared<const std::vector<std::string>>(std::move(operators))),
      from_(std::move(from)) {}

identities::~identities() {
    thread_.stop();
    thread_.join();
}

void identities::set_operators(std::vector<std::string> operators) {
    operators_ = std::make_shared<const std::vector<std::string>>(std::move(operators));
    known_.clear();
}

void identities::identify(const peer& who, std::function<void(const model::caller&)> tell) {
    if (const auto at = known_.find(who); at != known_.end() && os::boot_now() < at->second.until) {
        const auto caller = at->second.caller;
        return tell(caller);
    }
    auto& others = waiting_[who];
    others.push_back(std::move(tell));
    if (others.size() > 1) return;
    boost::asio::post(thread_, [this, who, operators = operators_] {
        const auto name = from_.user(who.uid).name;
        const model::caller caller{name, who.uid == 0 || is_operator(name, who, *operators, from_)};
        boost::asio::post(loop_, [this, who, caller, operators] {
            if (known_.size() >= most_known) known_.clear();
            auto waiting = std::move(waiting_.extract(who).mapped());
            const bool as_they_are_now = operators == operators_;
            if (as_they_are_now) known_[who] = {caller, os::boot_now() + answer_is_good_for};
            for (auto& waits : waiting)
                if (as_they_are_now)
                    waits(caller);
                else
                    identify(who, std::move(waits));
        });
    });
}

}  // namespace termd::platform
