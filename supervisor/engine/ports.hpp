// What the engine needs from the world, and what the world tells the engine. platform/ implements
// the first kind against Linux, the tests with fakes; the engine implements the second.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "common/ids.hpp"
#include "common/result.hpp"
#include "common/time.hpp"
#include "protocol/events.hpp"
#include "protocol/session_record.hpp"
#include "protocol/session_view.hpp"
#include "protocol/shim_messages.hpp"
#include "supervisor/model/requests.hpp"

namespace termd::engine {

// ---- the engine asks ---------------------------------------------------------------------------

// Shims, their directories and their process groups.
class session_host {
  public:
    virtual ~session_host() = default;
    // Directory, shim at its gate, group, record; on failure nothing is left. Fills in
    // record.cgroup. The first message that is sent to it must be protocol::shim::start.
    virtual result<void> open(protocol::session_record& record) = 0;
    virtual result<void> save(const protocol::session_record& record) = 0;
    virtual void send(const session_id& id, const protocol::shim::request& message) = 0;
    virtual void kill(const session_id& id) = 0;    // the whole group, without asking the shim
    // No process of it is left: let go of it. Its directory stays, for a termd after this one.
    virtual void release(const session_id& id) = 0;
    virtual void remove(const session_id& id) = 0;  // the directory of one that was released
    virtual std::string containment() const = 0;    // "cgroup" or "subreaper"
};

// What a probe found. `unknown`: this machine could not ask just now (no descriptor, no memory), which
// says nothing about the worker.
enum class probe_verdict { well, unwell, unknown };

class worker_prober {
  public:
    virtual ~worker_prober() = default;
    // Asks the ttyd on that port, or for port 0 on the session's own socket, whether it is well. With
    // `owner` the listener must belong to that process. Answers by session_events::probed exactly once, after at most `timeout`.
    virtual void probe(const session_id& id, int port, std::optional<int> owner,
                       milliseconds timeout) = 0;
};

class machine {
  public:
    virtual ~machine() = default;
    virtual boot_time boot_now() = 0;
    virtual wall_time wall_now() = 0;
    virtual void fill_random(std::span<std::uint8_t> out) = 0;
    virtual bool port_is_free(int port) = 0;
    virtual std::string find_program(const std::string& name) = 0;  // "" when there is none
    // Why ssh should not be given this key, with what to do about it: "is open to others …". "" when
    // nothing speaks against it.
    virtual std::string key_problem(const std::string& path) = 0;
    virtual bool can_read(const std::string& path) = 0;  // a file, not a directory
    virtual std::string boot_id() = 0;
};

class alarm {
  public:
    virtual ~alarm() = default;
    // engine::time_passed() is to be called then; replaces the last one.
    virtual void set(std::optional<boot_time> at) = 0;
};

struct session_event {
    protocol::event_type type;
    const protocol::session_view& session;
    std::optional<protocol::role> role = {};  // of token.issued
    std::int64_t count = 0;                   // of token.refused: how many there have been
    std::optional<protocol::login_failure> login_failure = {};  // of login.failed
    std::string why = {};                                       // of recording.*
    const protocol::shim::typed_line* typed = nullptr;          // of command.typed
};

// What is no news about a session but counts: interface §3, "Metrics".
namespace measured {
enum class limit { user, total, ports, rate };
struct limit_hit {
    limit which;
};
struct reused {};          // a running session was given out again
struct worker_restart {};  // of a session that had been ready
struct probe {             // one that was answered
    microseconds took;
};
struct opening {  // from the request until the session was ready
    microseconds took;
};
}  // namespace measured
using measurement = std::variant<measured::limit_hit, measured::reused, measured::worker_restart,
                                 measured::probe, measured::opening>;

class event_sink {
  public:
    virtual ~event_sink() = default;
    virtual void publish(const session_event& event) = 0;
    virtual void measure(const measurement&) {}
    // Of what was asked for nothing has come to be.
    virtual void refused(const model::open_request&, const error&) {}
};

// What makes that nothing is lost: a session runs when it is on record that it was opened, and its
// directory goes when it is on record how it ended. Both are put there when they are published.
class recorder {
  public:
    virtual ~recorder() = default;
    // Whether a new session can be put on record; without that there is none.
    virtual bool can_record() const = 0;
    // When it is known whether the opening is on record for good; an error when it cannot be just
    // now. Asked again, it is tried again.
    virtual void when_opening_kept(const session_id& id,
                                   std::function<void(result<void>)> then) = 0;
    // `kept` when the end is on record for good, however long that takes. `settled` just after
    // that, or when it is known that it takes longer than anybody should wait.
    virtual void when_end_kept(const session_id& id, std::function<void()> kept,
                               std::function<void()> settled) = 0;
};

// ---- the world tells ---------------------------------------------------------------------------

class session_events {
  public:
    virtual ~session_events() = default;
    virtual void told(const session_id& id, const protocol::shim::fact& fact) = 0;
    // No process of it is left. Without a record the shim was killed.
    virtual void gone(const session_id& id, std::optional<protocol::exit_record> last_word) = 0;
    virtual void probed(const session_id& id, probe_verdict verdict, microseconds took,
                        std::string why) = 0;
};

}  // namespace termd::engine
