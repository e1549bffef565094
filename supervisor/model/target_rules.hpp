// Which targets may be reached: `targets.allow` and `targets.deny`. A rule is a pattern of names
// with * and ? ("*.example.org", compared without case), an address, or a network in CIDR notation
// (RFC 4632, RFC 4291). A denial wins over a permission.
//
// A name is judged as a name and an address as an address: nothing is looked up here, so a denied
// network does not cover names that lead into it. Whoever must be sure of that allows networks, or
// patterns of trusted names, and not "*".
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace termd::model {

bool is_target_rule(std::string_view rule);

bool target_allowed(std::string_view host, const std::vector<std::string>& allow,
                    const std::vector<std::string>& deny);

}  // namespace termd::model
