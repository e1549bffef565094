#include "common/result.hpp"

#include <array>
#include <cstring>
#include <stdexcept>

namespace termd {

std::string_view to_string(key_on_show::kind value) {
    constexpr std::array<std::string_view, 3> names{"offered", "known", "revoked"};
    return names[static_cast<std::size_t>(value)];
}

error system_error(std::string what, int error_number) {
    // strerrordesc_np is thread-safe and independent of the locale (strerror(3)).
    const char* words = strerrordesc_np(error_number);
    return {errc::internal, std::move(what) + ": " + (words ? words : "unknown error")};
}

void throw_exception_from_error(const error& e, const boost::source_location&) {
    throw std::runtime_error(std::string(to_string(e.code)) + ": " + e.detail);
}

}  // namespace termd
