#include "protocol/exit_status.hpp"

#include <charconv>
#include <csignal>
#include <cstring>

namespace termd::protocol {

std::string signal_name(int number) {
    const char* name = sigabbrev_np(number);
    return name ? name : std::to_string(number);
}

std::optional<int> signal_number(std::string_view name) {
    for (int i = 1; i < NSIG; ++i)
        if (signal_name(i) == name) return i;
    return std::nullopt;
}

std::string describe(const exit_status& status) {
    if (status.how == exit_status::kind::code)
        return "exited with code " + std::to_string(status.number);
    return "was killed by signal " + signal_name(status.number);
}

}  // namespace termd::protocol
