#include "common/result.hpp"

#include <cstring>
#include <stdexcept>

namespace termd {

error system_error(std::string what, int error_number) {
    // strerrordesc_np is thread-safe and independent of the locale (strerror(3)).
    const char* words = strerrordesc_np(error_number);
    return {errc::internal, std::move(what) + ": " + (words ? words : "unknown error")};
}

void throw_exception_from_error(const error& e, const boost::source_location&) {
    throw std::runtime_error(std::string(to_string(e.code)) + ": " + e.detail);
}

}  // namespace termd
