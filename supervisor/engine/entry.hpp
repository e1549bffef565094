// One row of the engine's table. Only the engine's own files include this.
#pragma once

#include "supervisor/engine/engine.hpp"
#include "supervisor/model/access_keys.hpp"

namespace termd::engine {

model::session_spec spec_for(const model::open_request& request, session_id id);

// What a request must be equal in, to be given a running session.
std::string reuse_key(const model::session_spec& spec);

struct engine::entry {
    entry(model::session s, protocol::session_record r)
        : session(std::move(s)), record(std::move(r)) {}

    bool has_socket() const { return record.worker_port == 0; }  // of its own, and no port

    model::session session;
    protocol::session_record record;
    std::optional<wall_time> closed;
    std::optional<boot_time> deadline;  // as it stands in the engine's set

    std::uint64_t number = 0;  // in the order of being made
    bool reusable = false;  // among those that are found by their reuse key
    std::vector<model::event> pending;  // while busy
    std::optional<boot_time> refusal_told;  // when it was last published that a token was refused
    std::int64_t keys_refused = 0;         // of those that came through the proxy
    mutable std::string text;  // as JSON; "" when something has changed since
    bool busy = false;      // in happen()
    bool released = false;  // gone from the table after this step

    // What its shim is to be told when the gate opens, and after that; null when it is open.
    struct at_gate {
        protocol::shim::start plan;
        std::vector<protocol::shim::request> then;
    };
    std::unique_ptr<at_gate> gate;

    struct opener {
        std::string token;
        bool reused, until_ready;
        std::function<void(result<opened>)> done;
    };
    std::vector<opener> openers;
    std::vector<std::function<void(result<protocol::session_view>)>> closers;
};

}  // namespace termd::engine
