// The conversation between termd-attach and a shim, over the session's attach socket, in frames.
// The client speaks first (`hello` with the token); the shim answers `welcome` or `refused`, and
// after that both copy bytes until the shim says `finished` or one side closes. What the person at
// the terminal is to know comes as a `notice` to a client that asked for those, and as a line among
// the terminal's bytes to one that did not.
#pragma once

#include <string>

#include "common/time.hpp"
#include "protocol/fields.hpp"
#include "protocol/frame.hpp"
#include "protocol/vocabulary.hpp"

namespace termd::protocol::attach {

inline constexpr int version = 1;

// In the session's directory; termd speaks there, and nobody answers.
inline constexpr const char* handover_socket = "handover.sock";

enum class type : std::uint8_t {
    hello = 1,     // client → shim
    input = 2,     // client → shim; terminal bytes
    resize = 3,    // client → shim
    welcome = 4,   // shim → client
    refused = 5,   // shim → client; then it closes
    output = 6,    // shim → client; terminal bytes
    finished = 7,  // shim → client; the session is over or somebody took it over. Stop trying.
    notice = 8,    // shim → client, if its hello asked for them
    handed_over = 9,  // termd → shim, on the session's hand-over socket, with the client's connection
};

// Largest frame a client may send: a pasted page is cut into several.
inline constexpr std::size_t largest_input = 64 << 10;

struct hello {
    int version = attach::version;
    std::string token;
    int columns = 80, rows = 24;
    bool notices = false;  // wants them as messages, not as lines in the terminal
    template <class A>
    void fields(A& a) { a(1, version); a(2, token); a(3, columns); a(4, rows); a(5, notices); }
};

struct resize {
    int columns = 80, rows = 24;
    template <class A>
    void fields(A& a) { a(1, columns); a(2, rows); }
};

struct welcome {
    int version = attach::version;
    role as = role::control;
    template <class A>
    void fields(A& a) { a(1, version); a(2, as); }
};

struct refused {
    std::string why;    // one line for the person at the terminal
    bool busy = false;  // by somebody else, who may leave: trying again is worth it
    template <class A>
    void fields(A& a) { a(1, why); a(2, busy); }
};

struct finished {
    std::string why;
    bool may_return = false;  // the session goes on
    template <class A>
    void fields(A& a) { a(1, why); a(2, may_return); }
};

// Vouches for a client of termd's own, who then greets without a token.
struct handed_over {
    role as = role::control;
    std::string user;
    template <class A>
    void fields(A& a) { a(1, as); a(2, user); }
};

// A reader that does not know a kind shows its text.
struct notice {
    enum class kind {
        message = 1,     // termd or an operator says something
        closing = 2,     // the end is near: in `left`, or with `by_idle` only if nobody types
        staying = 3,     // it is not near any more; no text
        restarted = 4,   // the terminal server was
        taken_over = 5,  // by another window; `finished` follows
        dropped = 6,     // a view that could not keep up; `finished` follows
        ended = 7,       // for `reason`, the name of an end_reason; `finished` follows
        replayed = 8,    // what was there before is shown: output from here on is new; no text
        size = 9,        // the terminal is of this size, whatever the client's own is; no text
    } what = kind::message;
    std::string text;  // one line for the person at the terminal
    milliseconds left{};
    bool by_idle = false;
    std::string reason;
    int columns = 0, rows = 0;
    template <class A>
    void fields(A& a) {
        a(1, what); a(2, text); a(3, left); a(4, by_idle); a(5, reason); a(6, columns); a(7, rows);
    }
};

// What a client without notices sees of one, and termd-attach's own last words without a page.
inline std::string as_line(const std::string& text) {
    return "\r\n\x1b[7m termd: " + text + " \x1b[0m\r\n";
}

template <field_group Message>
std::string encode(type kind, const Message& message) {
    return make_frame(static_cast<std::uint8_t>(kind), to_fields(message));
}
inline std::string encode_bytes(type kind, std::string_view bytes) {
    return make_frame(static_cast<std::uint8_t>(kind), bytes);
}
inline type type_of(const frame& f) { return static_cast<type>(f.type); }

}  // namespace termd::protocol::attach
