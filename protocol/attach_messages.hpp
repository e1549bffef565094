// The conversation between termd-attach and a shim, over the session's attach socket, in frames.
// The client speaks first (`hello` with the token); the shim answers `welcome` or `refused`, and
// after that both copy bytes until the shim says `finished` or one side closes.
#pragma once

#include <string>

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
    handed_over = 9,  // termd → shim, on the session's hand-over socket, with the client's connection
};

// Largest frame a client may send: a pasted page is cut into several.
inline constexpr std::size_t largest_input = 64 << 10;

struct hello {
    int version = attach::version;
    std::string token;
    int columns = 80, rows = 24;
    template <class A>
    void fields(A& a) { a(1, version); a(2, token); a(3, columns); a(4, rows); }
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
    std::string why;  // one line for the person at the terminal
    template <class A>
    void fields(A& a) { a(1, why); }
};

struct finished {
    std::string why;
    template <class A>
    void fields(A& a) { a(1, why); }
};

// Vouches for a client of termd's own, who then greets without a token.
struct handed_over {
    role as = role::control;
    std::string user;
    template <class A>
    void fields(A& a) { a(1, as); a(2, user); }
};

template <field_group Message>
std::string encode(type kind, const Message& message) {
    return make_frame(static_cast<std::uint8_t>(kind), to_fields(message));
}
inline std::string encode_bytes(type kind, std::string_view bytes) {
    return make_frame(static_cast<std::uint8_t>(kind), bytes);
}
inline type type_of(const frame& f) { return static_cast<type>(f.type); }

}  // namespace termd::protocol::attach
