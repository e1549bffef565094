#include "cli/filters.hpp"

#include "cli/grammar.hpp"
#include "cli/moment.hpp"
#include "cli/url.hpp"

namespace termd::cli {

std::string with_filters(std::string target, const arguments& given,
                         std::span<const parameter> parameters, wall_time now) {
    for (const auto& p : parameters)
        if (const auto value = given.value(known_name(p)); value && p.how != takes::nothing)
            add_query(target, p.name.substr(2),
                      p.check == check_moment ? moment_of(*value, now) : *value);
    return target;
}

}  // namespace termd::cli
