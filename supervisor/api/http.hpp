// HTTP/1.1 over stream sockets (RFC 9112), as much of it as the control API needs: this is the facade in front of Beast, whose templates cost up to a minute per file. The server reads a
// request with hard limits, hands it to one handler, writes the answer, and keeps the connection.
// A handler may answer at once or later; other connections never wait for it.
#pragma once

#include <sys/types.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "os/unique_fd.hpp"

namespace termd::api {

// Who is at the other end (SO_PEERCRED and SO_PEERGROUPS, unix(7)), as of connect(). Decide by
// uid and groups: a pid may have a new owner by now. Over TCP nothing is known: uid -1.
struct peer {
    uid_t uid = static_cast<uid_t>(-1);
    gid_t gid = static_cast<gid_t>(-1);
    pid_t pid = 0;
    std::vector<gid_t> groups;  // the supplementary ones
};

struct http_request {
    std::string method;  // "GET"; a HEAD arrives as GET, its answer goes out without the body
    std::string path;    // percent-decoded, without the query: "/v1/sessions/abc"; UTF-8
    std::map<std::string, std::string> query;    // percent-decoded; a repeated name is a 400
    std::map<std::string, std::string> headers;  // names in lower case; repeated: joined by ", "
    std::string body;
    peer from;
};

// A body that is written bit by bit, for as long as its writer likes: chunked (RFC 9112 §7.1), or
// up to the end of the connection for HTTP/1.0. What the client has not taken yet is queued, so the
// writer looks at queued() and goes on when there is room. A client that takes nothing of it for
// http_limits::idle_time is cut off. Once it has ended, calls do nothing.
class body_writer {
  public:
    virtual ~body_writer() = default;
    virtual void write(std::string_view bytes) = 0;
    virtual std::size_t queued() const = 0;  // bytes
    virtual void finish() = 0;               // the body ends with what is queued
    virtual void cut() = 0;  // at once, and so that the client sees that this is not all of it
    // `room`: the queue has become empty. `ended`, once: it is finished, or the client has gone.
    // Neither is called from inside write() or finish().
    virtual void notify(std::function<void()> room, std::function<void()> ended) = 0;
};

struct http_response {
    int status = 200;
    std::string content_type = "application/json";  // "": none
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;  // besides those the server adds
    // Writes the body instead of `body`; called once, when the head goes out, and not for a HEAD.
    std::function<void(std::shared_ptr<body_writer>)> stream = {};
    // With status 101: gets the connection itself (non-blocking) when the head is out, and speaks
    // another protocol on it. Not called when the client has spoken on before that.
    std::function<void(os::unique_fd)> upgrade = {};
};

// Call it once, on the loop. A second call, or one after the client has gone or the server was
// destroyed, does nothing; when the last copy goes without a call, the client gets a 500.
using responder = std::function<void(http_response)>;
// One request at a time per connection, in a turn of the loop of its own, behind the events that came
// with it. What it throws becomes a 500 and ends the connection.
using request_handler = std::function<void(http_request, responder)>;

struct http_limits {
    std::size_t header_bytes = 16 << 10;
    std::size_t body_bytes = 64 << 10;
    std::chrono::milliseconds request_time{10'000};  // from the first byte to the last
    std::chrono::milliseconds idle_time{60'000};     // between requests, or without reading
    std::size_t connections_per_uid = 32;
    std::size_t connections = 512;
};

class http_server {
  public:
    // Takes a listening socket, Unix or TCP. Bad requests are answered without the handler, as
    // RFC 9457 problems (400, 408, 413, 417, 431, 501, 505), and the connection closes. One
    // beyond connections_per_uid gets a 429, one beyond connections a 503, before it has asked.
    http_server(boost::asio::io_context& loop, os::unique_fd listener, http_limits limits,
                request_handler handler);
    void stop_accepting();  // who is connected is served on
    bool has_unanswered();  // whether somebody has asked and is still owed the answer
    ~http_server();         // stops accepting and closes every connection; the handler may do it
    http_server(const http_server&) = delete;
    http_server& operator=(const http_server&) = delete;

  private:
    class impl;
    std::shared_ptr<impl> impl_;
};

}  // namespace termd::api
