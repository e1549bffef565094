#include "supervisor/api/json_body.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <boost/json/basic_parser_impl.hpp>
#include <cmath>
#include <set>

#include "common/text.hpp"

namespace termd::api {
namespace {

namespace json = boost::json;
using boost::system::error_code;

constexpr std::size_t most_problems = 32;  // a hostile body does not get a book for an answer
constexpr std::size_t longest_name = 64;   // as quoted in a problem

std::string quoted_name(std::string_view name) {
    return escape_untrusted(name, longest_name);
}

json::parse_options strict_options() {
    json::parse_options out;
    out.max_depth = json_depth;
    return out;
}

// Walks through a text beside json::parse and notices what that does not mind. The names are
// basic_parser's (its "handler" requirements).
struct strict_walk {
    static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_array_size = max_object_size;
    static constexpr std::size_t max_key_size = max_object_size;
    static constexpr std::size_t max_string_size = max_object_size;

    struct level {
        std::set<std::string> names;
        std::string current;  // the name whose value is being read
    };
    std::vector<level> levels;  // of the objects that are open
    std::string name;           // the parts of it that have come
    std::vector<field_problem> problems;

    void note(std::string what) {
        std::string path;
        for (const auto& l : levels) path += (path.empty() ? "" : ".") + quoted_name(l.current);
        if (problems.size() < most_problems) problems.push_back({std::move(path), std::move(what)});
    }

    bool on_object_begin(error_code&) { return levels.emplace_back(), true; }
    bool on_object_end(std::size_t, error_code&) { return levels.pop_back(), true; }
    bool on_key_part(json::string_view part, std::size_t, error_code&) {
        name.append(part.data(), part.size());
        return true;
    }
    bool on_key(json::string_view part, std::size_t, error_code&) {
        name.append(part.data(), part.size());
        levels.back().current = std::exchange(name, {});
        if (!levels.back().names.insert(levels.back().current).second) note("given twice");
        return true;
    }
    bool on_double(double number, json::string_view, error_code&) {
        if (!std::isfinite(number)) note("out of range");
        return true;
    }

    bool on_document_begin(error_code&) { return true; }
    bool on_document_end(error_code&) { return true; }
    bool on_array_begin(error_code&) { return true; }
    bool on_array_end(std::size_t, error_code&) { return true; }
    bool on_string_part(json::string_view, std::size_t, error_code&) { return true; }
    bool on_string(json::string_view, std::size_t, error_code&) { return true; }
    bool on_number_part(json::string_view, error_code&) { return true; }
    bool on_int64(std::int64_t, json::string_view, error_code&) { return true; }
    bool on_uint64(std::uint64_t, json::string_view, error_code&) { return true; }
    bool on_bool(bool, error_code&) { return true; }
    bool on_null(error_code&) { return true; }
    bool on_comment_part(json::string_view, error_code&) { return true; }
    bool on_comment(json::string_view, error_code&) { return true; }
};

std::optional<error> check_strictly(std::string_view body) {
    json::basic_parser<strict_walk> walk(strict_options());
    error_code ec;
    const auto used = walk.write_some(false, body.data(), body.size(), ec);
    if (!ec && used < body.size()) ec = json::error::extra_data;
    if (ec)
        return error{errc::invalid_request,
                     "not valid JSON at byte " + std::to_string(used) + ": " + ec.message()};
    auto& problems = walk.handler().problems;
    if (problems.empty()) return std::nullopt;
    return error{errc::invalid_request, "the JSON is ambiguous or out of range",
                 std::move(problems)};
}

}  // namespace

result<json::object> parse_json_object(std::string_view body) {
    if (!is_valid_utf8(body)) return error{errc::invalid_request, "the body is not UTF-8"};
    if (auto wrong = check_strictly(body)) return *std::move(wrong);
    error_code ec;
    auto value = json::parse({body.data(), body.size()}, ec, {}, strict_options());
    if (ec) return error{errc::invalid_request, "not valid JSON: " + ec.message()};
    if (!value.is_object()) return error{errc::invalid_request, "expected a JSON object"};
    return std::move(value.get_object());
}

const json::value* object_reader::find(std::string_view name) {
    if (std::find(known_.begin(), known_.end(), name) == known_.end()) known_.push_back(name);
    const auto* value = from_.if_contains(json::string_view(name.data(), name.size()));
    return value && !value->is_null() ? value : nullptr;
}

void object_reader::problem(std::string field, std::string what) {
    if (problems_.size() < most_problems) problems_.push_back({std::move(field), std::move(what)});
}

void object_reader::require(std::string_view name) {
    if (find(name) == nullptr) problem(std::string(name), "missing");
}

std::optional<std::string> object_reader::string(std::string_view name) {
    const auto* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (const auto* text = value->if_string()) return std::string(text->data(), text->size());
    problem(std::string(name), "expected a string");
    return std::nullopt;
}

std::optional<bool> object_reader::boolean(std::string_view name) {
    const auto* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (const auto* truth = value->if_bool()) return *truth;
    problem(std::string(name), "expected true or false");
    return std::nullopt;
}

std::optional<std::int64_t> object_reader::integer(std::string_view name, std::int64_t least,
                                                   std::int64_t most) {
    const auto* value = find(name);
    if (value == nullptr) return std::nullopt;
    const auto* number = value->if_int64();
    if (number && *number >= least && *number <= most) return *number;
    problem(std::string(name), "expected a whole number from " + std::to_string(least) + " to " +
                                   std::to_string(most));
    return std::nullopt;
}

std::optional<milliseconds> object_reader::duration(std::string_view name) {
    const auto text = string(name);
    if (!text) return std::nullopt;
    auto parsed = parse_duration(*text);
    if (parsed) return *parsed;
    problem(std::string(name), parsed.error().detail);
    return std::nullopt;
}

std::optional<std::map<std::string, std::string>> object_reader::string_map(std::string_view name) {
    const auto* value = find(name);
    if (value == nullptr) return std::nullopt;
    const auto* object = value->if_object();
    if (object == nullptr) {
        problem(std::string(name), "expected an object with strings in it");
        return std::nullopt;
    }
    std::map<std::string, std::string> out;
    for (const auto& entry : *object) {
        if (const auto* text = entry.value().if_string())
            out.emplace(entry.key(), std::string(text->data(), text->size()));
        else
            problem(std::string(name) + "." + quoted_name(entry.key()), "expected a string");
    }
    return out;
}

std::optional<error> object_reader::verdict() {
    for (const auto& entry : from_) {
        const std::string_view name(entry.key().data(), entry.key().size());
        if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
        const auto nearest = name.size() <= longest_name ? nearest_word(name, known_) : "";
        problem(quoted_name(name),
                nearest.empty() ? "unknown field"
                                : "unknown field (did you mean \"" + std::string(nearest) + "\"?)");
    }
    if (problems_.empty()) return std::nullopt;
    return error{errc::invalid_request, "", problems_};
}

}  // namespace termd::api
