// Keys of hosts for tests: well-formed, and different for each number.
#pragma once

#include <string>

#include "common/base64.hpp"
#include "supervisor/model/known_hosts.hpp"

namespace termd::test {

inline model::host_key key_of_type(const std::string& type, std::uint8_t number) {
    std::vector<std::uint8_t> blob{0, 0, 0, static_cast<std::uint8_t>(type.size())};
    blob.insert(blob.end(), type.begin(), type.end());
    blob.insert(blob.end(), 33, number);
    return *model::read_host_key(type, to_base64(blob));
}

inline model::host_key ed25519(std::uint8_t number) { return key_of_type("ssh-ed25519", number); }
inline model::host_key rsa(std::uint8_t number) { return key_of_type("ssh-rsa", number); }

inline std::string line(const std::string& names, const model::host_key& key) {
    return names + " " + key.type + " " + key.blob;
}

}  // namespace termd::test
