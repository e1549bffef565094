// Request bodies, read strictly: what is not exactly right is refused, and everything that is
// wrong with it is said at once.
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "common/time.hpp"

namespace termd::api {

inline constexpr std::size_t json_depth = 16;  // nested objects and arrays, the outermost included

// One JSON object (RFC 8259) and nothing behind it. Refused with errc::invalid_request: a name
// given twice in one object, at any depth (Boost.JSON keeps the last), a number that no double
// holds (1e999 becomes infinity there), what is not UTF-8, deeper nesting than json_depth.
result<boost::json::object> parse_json_object(std::string_view body);

// Takes the fields of an object one by one and remembers what is wrong with them:
//
//     object_reader read(object);
//     read.require("user");
//     wanted.user = read.string("user").value_or("");
//     wanted.ttl = read.duration("ttl");
//     return read.finish(std::move(wanted));
//
// A field that is absent or null reads as nullopt, and so does a wrong one, which is a problem.
// The object has to outlive the reader.
class object_reader {
  public:
    explicit object_reader(const boost::json::object& from) : from_(from) {}

    void require(std::string_view name);  // absent or null is a problem

    std::optional<std::string> string(std::string_view name);
    std::optional<bool> boolean(std::string_view name);
    std::optional<std::int64_t> integer(std::string_view name, std::int64_t least,
                                        std::int64_t most);       // 22, not 22.0 or "22"
    std::optional<milliseconds> duration(std::string_view name);  // "8h", see parse_duration
    std::optional<std::map<std::string, std::string>> string_map(std::string_view name);

    // What a caller found wrong with a value: "not a host name".
    void problem(std::string field, std::string what);

    // The value when nothing is wrong. Fields that nobody asked for are problems too, with the
    // nearest name that somebody did ask for.
    template <class T>
    result<T> finish(T value) {
        if (auto wrong = verdict()) return *std::move(wrong);
        return value;
    }
    // The same for a caller without a value.
    std::optional<error> verdict();

  private:
    const boost::json::value* find(std::string_view name);

    const boost::json::object& from_;
    std::vector<std::string_view> known_;
    std::vector<field_problem> problems_;
};

}  // namespace termd::api
