// What a caller may ask for, checked: past this point names obey their grammar and numbers their
// range.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "common/result.hpp"
#include "common/time.hpp"
#include "supervisor/model/config.hpp"

namespace termd::model {

struct open_request {
    std::string by;  // who asks; may be another one than the user
    std::string user;
    std::string host;   // may be empty for a named command
    std::string login;
    int port = 22;
    std::string command = "ssh";
    std::string mode = "embedded";
    std::string title;
    std::optional<milliseconds> ttl, idle_timeout;
    std::optional<std::string> host_key;  // the fingerprint of which `by` says that it is the host's
    bool reuse = true;
    bool wait = true;
    std::map<std::string, std::string> labels;
};

// Every problem at once, as errc::invalid_request; the login is filled in from the settings.
result<open_request> check(open_request request, const config& settings);

}  // namespace termd::model
