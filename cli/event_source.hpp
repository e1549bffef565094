// GET /v1/events as the commands that watch use it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/client.hpp"
#include "cli/server_events.hpp"

namespace termd::cli {

class console;

class event_source {
  public:
    // `since`: the revision after which to begin; "": with what happens from now on.
    static outcome<event_source> open(const console& c, const std::string& since);

    int descriptor() const { return stream_.descriptor(); }
    // Appends what has arrived, without waiting; false: termd has ended the stream.
    outcome<bool> take(std::vector<server_event>& out);

  private:
    explicit event_source(answer_stream stream) : stream_(std::move(stream)) {}

    answer_stream stream_;
    event_reader reader_;
};

}  // namespace termd::cli
