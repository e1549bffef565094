// Reading JSON that a newer or older termd may have written: what is not there, or is of another
// kind, is empty. Paths are JSON pointers (RFC 6901).
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/time.hpp"

namespace termd::cli {

// The string at `path` as it came, for comparing and for sending back; never for printing.
std::string raw_text_at(const boost::json::value& from, std::string_view path);

// A string, number or truth ("yes", "no") for printing: escaped. "" for anything else.
std::string text_at(const boost::json::value& from, std::string_view path);

std::optional<wall_time> time_at(const boost::json::value& from, std::string_view path);

const boost::json::array& rows_at(const boost::json::value& from, std::string_view path);

std::optional<std::int64_t> number_at(const boost::json::value& from, std::string_view path);

// The members of an object, key and value for printing, in the order in which they came.
std::vector<std::pair<std::string, std::string>> members_at(const boost::json::value& from,
                                                            std::string_view path);

}  // namespace termd::cli
