// What the strict reader of request bodies accepts is plain JSON that survives being written and
// read again (but for the last digits of a double, which Boost.JSON 1.81 does not keep); whatever
// the fields are, reading them ends in a value or in named problems.
#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>

#include "common/text.hpp"
#include "supervisor/api/json_body.hpp"
#include "tests/fuzz/input.hpp"

namespace {

using termd::fuzz::require;
using namespace termd;
using namespace termd::api;
namespace json = boost::json;

bool has_huge_number(const json::value& value) {
    if (const auto* number = value.if_double()) return std::abs(*number) > 1e300;
    if (const auto* array = value.if_array())
        return std::any_of(array->begin(), array->end(), has_huge_number);
    if (const auto* object = value.if_object())
        return std::any_of(object->begin(), object->end(),
                           [](const auto& entry) { return has_huge_number(entry.value()); });
    return false;
}

bool same(const json::value& a, const json::value& b) {
    if (a.is_double() && b.is_double())
        return std::abs(a.get_double() - b.get_double()) <=
               1e-9 * std::abs(a.get_double()) + 1e-300;
    if (a.is_array() && b.is_array())
        return std::equal(a.get_array().begin(), a.get_array().end(), b.get_array().begin(),
                          b.get_array().end(), same);
    if (a.is_object() && b.is_object())
        return std::equal(a.get_object().begin(), a.get_object().end(), b.get_object().begin(),
                          b.get_object().end(), [](const auto& x, const auto& y) {
                              return x.key() == y.key() && same(x.value(), y.value());
                          });
    return a == b;
}

void check_value(const json::value& value, std::size_t depth) {
    if (const auto* number = value.if_double()) require(std::isfinite(*number));
    if (const auto* text = value.if_string()) require(is_valid_utf8({text->data(), text->size()}));
    if (const auto* array = value.if_array()) {
        require(depth < json_depth);
        for (const auto& item : *array) check_value(item, depth + 1);
    }
    if (const auto* object = value.if_object()) {
        require(depth < json_depth);
        for (const auto& item : *object) check_value(item.value(), depth + 1);
    }
}

void check_fields(const json::object& object) {
    object_reader read(object);
    read.require("host");
    read.string("host");
    read.boolean("reuse");
    if (const auto port = read.integer("port", 1, 65535)) require(*port >= 1 && *port <= 65535);
    read.duration("ttl");
    read.string_map("labels");
    const auto wrong = read.verdict();
    if (!wrong) return;
    require(!wrong->fields.empty());
    for (const auto& f : wrong->fields) require(!f.field.empty() || !f.problem.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto parsed = parse_json_object({reinterpret_cast<const char*>(data), size});
    if (!parsed) {
        require(parsed.error().code == errc::invalid_request && !parsed.error().detail.empty());
        return 0;
    }
    check_value(*parsed, 0);
    if (!has_huge_number(*parsed)) {
        const auto again = parse_json_object(json::serialize(*parsed));
        require(again.has_value() && same(*again, *parsed));
    }
    check_fields(*parsed);
    return 0;
}
