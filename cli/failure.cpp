#include "cli/failure.hpp"

#include <stdexcept>

namespace termd::cli {

void throw_exception_from_error(const failure& f, const boost::source_location&) {
    throw std::runtime_error(f.text);
}

std::string to_text(const failure& f) {
    std::string out = "termctl: " + f.text + "\n";
    for (const auto& line : f.below) out += "  " + line + "\n";
    return out;
}

}  // namespace termd::cli
