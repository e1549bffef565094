// One client of the HTTP server: reads a request, has it handled, writes the answer, reads the
// next. Callbacks instead of a coroutine: one operation is under way at a time, and which one is
// the state. It keeps itself alive while one is, and its server keeps it while a handler works.
#pragma once

#include <array>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "supervisor/api/http_parser.hpp"

namespace termd::api {

// What the connections of a server share.
struct http_service {
    http_limits limits;
    request_handler handler;
};

class http_connection : public std::enable_shared_from_this<http_connection> {
  public:
    using socket = boost::asio::generic::stream_protocol::socket;

    // `ended` is called once, when the connection has closed itself or was closed.
    http_connection(socket client, peer who, std::shared_ptr<const http_service> service,
                    std::function<void()> ended);

    void start();
    void close();
    // The client has closed its end altogether and left nothing unread; closing loses nothing.
    bool is_over();
    // The client has asked and not got its answer yet; one who follows something is not waiting.
    bool is_unanswered();

  private:
    using clock = std::chrono::steady_clock;
    class answer_slot;
    class body;

    enum class phase {
        idle,       // between requests
        reading,    // a request has begun to arrive
        handling,   // the handler has it
        writing,    // its answer, or why there is none
        streaming,  // its answer, by somebody who writes as he likes
        draining,   // everything is said; the client may still be talking
        closed,
    };

    void next_request();
    void advance();
    void read();
    void read_done(boost::system::error_code ec, std::size_t bytes);
    void say_continue();

    void handle(parsed_request next);
    void call_handler(http_request request, const std::shared_ptr<answer_slot>& slot);
    void watch_for_hangup();
    void stop_watching();
    void answer(const http_response& response);
    void refuse(int status, std::string_view detail);

    void write();
    void write_done(boost::system::error_code ec, std::size_t bytes);
    void answered();
    void hand_over();
    void drain();

    void begin_stream(const http_response& response);
    void add_to_stream(std::string_view bytes);
    void finish_stream();
    void flush_stream();
    void stream_written(boost::system::error_code ec, std::size_t bytes);

    void set_deadline(clock::time_point when);
    void wait_for_deadline();
    void deadline_passed();

    socket socket_;
    boost::asio::steady_timer timer_;
    peer peer_;
    std::shared_ptr<const http_service> service_;
    std::function<void()> ended_;

    phase phase_ = phase::idle;
    clock::time_point deadline_ = clock::time_point::max();
    http_parser parser_;
    std::array<char, 8192> input_{};
    answer_form form_;
    std::string output_;
    std::size_t written_ = 0;
    bool watched_ = false;  // for a hang-up
    std::function<void(os::unique_fd)> upgrade_;  // what comes after output_

    std::shared_ptr<body> body_;  // while streaming
    std::string queue_;           // what comes after output_
    bool flushing_ = false;       // output_ is on its way
    bool finished_ = false;       // nothing will be added to it
};

}  // namespace termd::api
