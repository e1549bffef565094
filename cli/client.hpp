// One question to termd and its one answer: HTTP/1.1 over a Unix socket, blocking, each on a
// connection of its own (RFC 9112). An answer is whole or it is a failure: bytes that are no HTTP,
// a body that ends early, a body whose end cannot be known or that has something behind it are
// refused.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "cli/connection.hpp"
#include "cli/failure.hpp"
#include "common/time.hpp"

namespace termd::cli {

struct question {
    std::string method;  // "GET"
    std::string target;  // "/v1/sessions?user=alice", percent-encoded
    std::string body{};  // JSON; "" for none
    std::string_view accept = "application/json";
    std::string_view upgrade_to{};  // another protocol, to be spoken after a 101 (RFC 9110, 7.8)
};

struct answer {
    int status = 0;
    std::string content_type;  // without parameters, in lower case
    std::string body;          // at most 64 MiB
};

// `timeout` spans everything from connect to the last byte; 0 is none. Failures: termd cannot be
// reached (unreachable, not_permitted), does not answer in time (timed_out), or answers nonsense
// (refused). Any status is an answer, not a failure. `tick` is called about ten times a second
// while there is nothing but to wait.
outcome<answer> ask(const std::string& socket_path, const question& what, milliseconds timeout,
                    std::function<void()> tick = nullptr);

// An answer that has no end of its own: its body comes for as long as termd has something to say.
class answer_stream {
  public:
    // Returns when the head of the answer is there, within `timeout`; after that there is none.
    // What is no success is read whole, for who wants to know why: head().body.
    static outcome<answer_stream> open(const std::string& socket_path, const question& what,
                                       milliseconds timeout);
    answer_stream(answer_stream&&) noexcept;
    answer_stream& operator=(answer_stream&&) noexcept;
    ~answer_stream();

    const answer& head() const;
    int descriptor() const;  // poll(2) it before take()
    // Appends what has arrived to `body`, without waiting; false: that was the end.
    outcome<bool> take(std::string& body);
    // After a 101: the connection, and what has come on it behind the answer.
    std::pair<connection, std::string> give_connection() &&;
    bool is_whole() const;  // at the end: not cut off

  private:
    struct state;
    explicit answer_stream(std::unique_ptr<state> s);
    std::unique_ptr<state> state_;
};

}  // namespace termd::cli
