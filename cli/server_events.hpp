// Server-sent events (the HTML standard, "9.2.6 Interpreting an event stream"), as far as termd
// writes them: lines of "id", "event" and "data", an empty line behind each event, comments to keep
// the connection alive. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "cli/failure.hpp"

namespace termd::cli {

struct server_event {
    std::string id;    // "" when it has none
    std::string type;  // "message" when none was given
    std::string data;  // lines joined with '\n'
    bool operator==(const server_event&) const = default;
};

class event_reader {
  public:
    // More of the stream, however it was cut.
    void add(std::string_view bytes) { text_ += bytes; }
    // The next whole event; nothing: more of the stream is needed. Events without data are dropped,
    // as the standard wants it. One of more than 1 MiB is a failure.
    outcome<std::optional<server_event>> next();

  private:
    bool take_line(std::string& line);
    void take_field(std::string_view line);

    std::string text_;        // not read yet
    std::size_t looked_ = 0;  // so much of it has no end of a line
    server_event event_;
    bool has_data_ = false;
};

}  // namespace termd::cli
