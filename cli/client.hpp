// One question to termd and its one answer: HTTP/1.1 over a Unix socket, blocking, each on a
// connection of its own (RFC 9112). An answer is whole or it is a failure: bytes that are no HTTP,
// a body that ends early, a body whose end cannot be known or that has something behind it are
// refused.
#pragma once

#include <string>

#include "cli/failure.hpp"
#include "common/time.hpp"

namespace termd::cli {

struct question {
    std::string method;  // "GET"
    std::string target;  // "/v1/sessions?user=alice", percent-encoded
    std::string body{};  // JSON; "" for none
};

struct answer {
    int status = 0;
    std::string content_type;  // without parameters, in lower case
    std::string body;          // at most 64 MiB
};

// `timeout` spans everything from connect to the last byte; 0 is none. Failures: termd cannot be
// reached (unreachable, not_permitted), does not answer in time (timed_out), or answers nonsense
// (refused). Any status is an answer, not a failure.
outcome<answer> ask(const std::string& socket_path, const question& what, milliseconds timeout);

}  // namespace termd::cli
