#include "supervisor/platform/identity.hpp"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace termd::platform {
namespace {

constexpr std::chrono::seconds name_is_good_for{60};
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

model::caller identities::of(uid_t uid, gid_t gid, std::span<const gid_t> groups, boot_time now) {
    auto& entry = names_[uid];
    if (entry.name.empty() || entry.until <= now)
        entry = {user_of(uid).name, now + name_is_good_for};
    return {entry.name, uid == 0 || is_operator(entry.name, gid, groups)};
}

bool identities::is_operator(const std::string& user, gid_t gid,
                             std::span<const gid_t> groups) const {
    return std::any_of(operators_.begin(), operators_.end(), [&](const std::string& name) {
        if (name.empty() || name.front() != '@') return name == user;
        const gid_t wanted = group_id(name.substr(1));
        return wanted != static_cast<gid_t>(-1) &&
               (gid == wanted || std::find(groups.begin(), groups.end(), wanted) != groups.end());
    });
}

}  // namespace termd::platform
