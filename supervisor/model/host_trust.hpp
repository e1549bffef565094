// Whether a host may be logged in to, as far as its key goes (`ssh.host_keys`), decided before ssh is
// started. ssh itself has the last word: it is told to accept nothing but what is in the file. So all
// that is decided here is whether that can be expected to work, and what has to get into the file first.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/result.hpp"
#include "supervisor/model/config.hpp"
#include "supervisor/model/known_hosts.hpp"

namespace termd::model {

// What the file has about a host.
struct known_keys {
    std::vector<host_key> plain{}, revoked{};
    bool authority = false;  // any key is fine that a trusted authority has signed
    // Of the same host on no particular port: ssh takes them, too, but misses none of them.
    std::vector<host_key> of_any_port{};
};
void add_to(known_keys& known, const std::vector<known_host>& entries);
void add_of_any_port(known_keys& known, const std::vector<known_host>& entries);

// Somebody who says that this is the host's key: the caller of an opening, or an operator.
using vouched_for = std::optional<std::string>;  // a fingerprint

// Before the host is asked: nothing needs to be, or it has to be asked for its keys, or an error.
enum class next_step { go_on, ask_host };
result<next_step> judge_known(host_key_policy policy, const known_keys& known,
                              const vouched_for& key, const std::string& name);

// When it has shown them, which are at least one: those that are to be trusted from now on, which may
// be none, or an error with all that were seen.
result<std::vector<host_key>> judge_offered(host_key_policy policy, const known_keys& known,
                                            const std::vector<host_key>& offered,
                                            const vouched_for& key, const std::string& name);

// What ssh said of a host's key, with the keys that there are.
error with_keys(error why, const known_keys& known, const std::vector<host_key>& offered,
                const std::string& name);

}  // namespace termd::model
