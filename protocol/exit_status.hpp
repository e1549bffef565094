// How a process ended: by itself with a code, or by a signal. In JSON {"code": 0} or
// {"signal": "KILL"}.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace termd::protocol {

struct exit_status {
    enum class kind { code, signal } how = kind::code;
    int number = 0;  // the code, or the signal's number
    bool operator==(const exit_status&) const = default;
};

// "KILL", "TERM", … without the SIG, as in signal(7); "SIG64"-like numbers stay "64".
std::string signal_name(int number);
std::optional<int> signal_number(std::string_view name);

// "exited with code 3", "was killed by signal KILL"
std::string describe(const exit_status& status);

}  // namespace termd::protocol
