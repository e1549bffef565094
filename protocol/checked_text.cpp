#include "protocol/checked_text.hpp"

#include "common/digest.hpp"
#include "common/ids.hpp"

namespace termd::protocol {
namespace {

std::string check_of(std::string_view head) {
    return ",\"check\":\"" + to_hex(sha256(head)) + "\"}\n";
}

}  // namespace

std::string with_check(std::string object) {
    object.pop_back();
    return object + check_of(object);
}

bool check_holds(std::string_view text) {
    static const auto length = check_of("").size();
    if (text.size() < length) return false;
    const auto head = text.substr(0, text.size() - length);
    return text.substr(head.size()) == check_of(head);
}

}  // namespace termd::protocol
