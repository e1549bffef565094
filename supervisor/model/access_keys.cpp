#include "supervisor/model/access_keys.hpp"

#include <algorithm>

namespace termd::model {
namespace {

bool lives(const access_key& key, boot_time now) { return !key.expires || now < *key.expires; }

}  // namespace

void add(access_keys& keys, access_key key, boot_time now) {
    std::erase_if(keys, [&](const auto& old) { return !lives(old, now); });
    const auto is_alike = [&](const auto& old) { return old.is == key.is; };
    if (std::count_if(keys.begin(), keys.end(), is_alike) >= most_access_keys)
        keys.erase(std::find_if(keys.begin(), keys.end(), is_alike));
    keys.push_back(key);
}

std::optional<access_key> find(const access_keys& keys, access_key::kind is, std::string_view secret,
                               boot_time now) {
    const auto hash = hash_token(secret);
    std::optional<access_key> found;
    for (const auto& key : keys)
        if (same_hash(key.hash, hash) && key.is == is && lives(key, now)) found = key;
    return found;
}

}  // namespace termd::model
