// The conversation between termd and a shim, over the shim's gate at birth and over its control
// socket later. Both sides open with `hello`. A side speaks its own version and the one before;
// which it is, the other reads in `hello` and keeps to the smaller of the two. Sides
// that have no version in common say nothing else.
//
// termd asks; the shim tells facts. Facts are whole states, told again from the start on every new
// connection, so that a termd that was away misses nothing that matters. Everything the shim runs
// it runs as it is told: which program, with which arguments, is termd's decision.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/ids.hpp"
#include "common/time.hpp"
#include "protocol/exit_status.hpp"
#include "protocol/fields.hpp"
#include "protocol/frame.hpp"
#include "protocol/vocabulary.hpp"

namespace termd::protocol::shim {

inline constexpr int version = 1;
inline constexpr int oldest_version = 1;

struct hello {
    int version = 0, oldest = 0;
    std::string session;
    int pid = 0;  // of the speaker
    template <class A>
    void fields(A& a) { a(1, version); a(2, oldest); a(3, session); a(4, pid); }
};

// Whether there is a version that both sides speak.
bool fits(const hello& from);

// ---- termd → shim ------------------------------------------------------------------------------

struct program {
    std::string path;               // absolute
    std::vector<std::string> argv;  // argv[0] too
    std::vector<std::string> env;   // "NAME=value"
    template <class A>
    void fields(A& a) { a(1, path); a(2, argv); a(3, env); }
};

struct grant {  // a token that opens this terminal
    token_hash hash{};
    role as = role::control;
    boot_time expires{};  // the epoch: with the session
    std::optional<bool> once = {};  // it lets one in, and then nobody
    template <class A>
    void fields(A& a) { a(1, hash); a(2, as); a(3, expires); a(4, once); }
};

struct recording_plan {
    std::string path;                // absolute; the file is made, and must not be there yet
    std::int64_t most = 0;           // bytes; 0: no limit
    bool required = false;           // what cannot be recorded does not run
    bool input = false;              // keys, too
    std::int64_t begun = 0;          // seconds since 1970
    template <class A>
    void fields(A& a) { a(1, path); a(2, most); a(3, required); a(4, input); a(5, begun); }
};

struct typed_plan {  // lines that somebody types are told
    int longest = 512;  // characters
    template <class A>
    void fields(A& a) { a(1, longest); }
};

// Opens the start gate; comes exactly once, as the first thing after hello, over the gate.
struct start {
    program command;
    program worker;
    std::vector<grant> grants;
    std::optional<boot_time> deadline;  // the hard end, enforced by the shim alone if need be
    milliseconds grace{5000};           // between TERM and KILL when the shim ends by itself
    std::int64_t replay = 256 << 10;    // bytes of output kept for a new attachment
    int columns_min = 20, columns_max = 400, rows_min = 10, rows_max = 200;
    bool ssh_log = false;  // the command is ssh and writes its log to the pipe "ssh.log"
    std::string title;     // for the terminal's window
    protocol::second_client second_client = protocol::second_client::takeover;
    std::optional<recording_plan> recording;
    std::optional<typed_plan> typed_lines;
    template <class A>
    void fields(A& a) {
        a(1, command); a(2, worker); a(3, grants); a(4, deadline); a(5, grace); a(6, replay);
        a(7, columns_min); a(8, columns_max); a(9, rows_min); a(10, rows_max); a(11, ssh_log);
        a(12, title); a(13, second_client); a(14, recording); a(17, typed_lines);
    }
};

struct start_worker {  // in place of one that has ended; kills one that still runs
    program worker;
    template <class A>
    void fields(A& a) { a(1, worker); }
};

struct stop {
    end_reason reason = end_reason::user;
    milliseconds grace{5000};
    std::string text;  // shown in the terminal first; may be empty
    template <class A>
    void fields(A& a) { a(1, reason); a(2, grace); a(3, text); }
};

struct set_deadline {
    std::optional<boot_time> at;
    template <class A>
    void fields(A& a) { a(1, at); }
};

struct add_grant {
    grant token;
    template <class A>
    void fields(A& a) { a(1, token); }
};

struct revoke_grants {  // all; who is attached stays
    template <class A>
    void fields(A&) {}
};

struct near_end {  // of the session
    boot_time at{};
    bool unless_typed = false;
    template <class A>
    void fields(A& a) { a(1, at); a(2, unless_typed); }
};

struct show {  // to whoever is attached; kept for who comes next if nobody in control is
    std::string text;
    std::optional<near_end> near;   // this is a warning
    std::optional<bool> restarted;  // this is about a new ttyd
    template <class A>
    void fields(A& a) { a(1, text); a(20, near); a(21, restarted); }
};

using request = std::variant<hello, start, start_worker, stop, set_deadline, add_grant,
                             revoke_grants, show>;

// ---- shim → termd ------------------------------------------------------------------------------

struct ended {  // how a process ended, on the wire
    bool by_signal = false;
    int number = 0;
    template <class A>
    void fields(A& a) { a(1, by_signal); a(2, number); }
};
inline exit_status to_status(const ended& e) {
    return {e.by_signal ? exit_status::kind::signal : exit_status::kind::code, e.number};
}

struct command_state {
    int pid = 0;
    bool has_output = false;     // it wrote to its terminal
    bool authenticated = false;  // ssh said so
    std::optional<ended> exit;
    std::string failure;         // why it could not be started
    template <class A>
    void fields(A& a) {
        a(1, pid); a(2, has_output); a(3, authenticated); a(4, exit); a(5, failure);
    }
};

struct worker_state {
    int pid = 0;  // of the running or the last one
    std::optional<ended> exit;
    std::string failure;
    template <class A>
    void fields(A& a) { a(1, pid); a(2, exit); a(3, failure); }
};

struct client {
    std::int64_t number = 0;  // 1, 2, … in order of attaching
    role as = role::control;
    boot_time since{};
    std::optional<std::string> user;  // none for one who came with a link: whoever that may be
    template <class A>
    void fields(A& a) { a(1, number); a(2, as); a(3, since); a(4, user); }
};

struct clients_state {
    std::vector<client> attached;
    std::int64_t ever = 0;  // how many there have been
    std::optional<boot_time> last_detached;
    template <class A>
    void fields(A& a) { a(1, attached); a(2, ever); a(3, last_detached); }
};

struct input_state {  // at most once a second
    boot_time last{};
    template <class A>
    void fields(A& a) { a(1, last); }
};

struct log_line {
    enum class source { worker, command, shim } from = source::shim;
    std::string text;  // escaped, cut; never terminal content
    template <class A>
    void fields(A& a) { a(1, from); a(2, text); }
};

struct token_refused {
    std::int64_t count = 0;  // since the session began
    template <class A>
    void fields(A& a) { a(1, count); }
};

struct ending {  // the shim has begun to end the session
    end_reason reason = end_reason::exited;
    template <class A>
    void fields(A& a) { a(1, reason); }
};

struct recording_state {
    recording_status status = recording_status::off;
    std::string why;  // it is not whole, in words
    template <class A>
    void fields(A& a) { a(1, status); a(2, why); }
};

// A line that somebody typed, as the terminal showed it; not a state: told once, when somebody is there
// to be told.
struct typed_line {
    boot_time at{};           // when it was ended
    bool echoed = false;      // no: a password, most likely
    std::string text;         // "" unless it was
    bool cut = false;         // there was more
    std::int64_t untold = 0;  // lines before it of which nothing is told: there were too many
    template <class A>
    void fields(A& a) { a(1, at); a(2, echoed); a(3, text); a(4, cut); a(5, untold); }
};

using fact = std::variant<hello, command_state, worker_state, clients_state, input_state, log_line,
                          token_refused, ending, recording_state, typed_line>;

// A message's type on the wire is its place in the variant, counted from 1; so new ones go last.
std::string encode(const request& message);  // a whole frame
std::string encode(const fact& message);
std::optional<request> decode_request(const frame& from);
std::optional<fact> decode_fact(const frame& from);

}  // namespace termd::protocol::shim
