// The HTTP server on a real socket. Server and clients share one thread: a client that waits runs
// the loop, so a test is a sequence of steps and nothing sleeps.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <stdexcept>

#include "os/socket.hpp"
#include "supervisor/api/http.hpp"

using namespace termd;
using namespace termd::api;
using namespace std::chrono_literals;

namespace {

using test_clock = std::chrono::steady_clock;

http_response text_response(std::string body) {
    http_response out;
    out.content_type = "text/plain";
    out.body = std::move(body);
    return out;
}

struct temporary_directory {
    std::string path = "/tmp/termd-http-XXXXXX";
    temporary_directory() { REQUIRE(::mkdtemp(path.data()) != nullptr); }
    ~temporary_directory() { std::filesystem::remove_all(path); }
};

struct fixture {
    temporary_directory directory;
    std::string path = directory.path + "/s";
    boost::asio::io_context loop;
    http_limits limits;
    std::vector<http_request> seen;
    std::vector<responder> pending;  // of requests for /later, in their order
    std::optional<http_server> server;

    void start() {
        server.emplace(loop, os::listen_unix(path, 0600).value(), limits,
                       [this](http_request r, responder answer) { handle(std::move(r), answer); });
    }

    void handle(http_request request, const responder& answer) {
        const auto path_asked = request.path;
        seen.push_back(std::move(request));
        if (path_asked == "/throw") throw std::runtime_error("broken");
        if (path_asked == "/drop") return;
        if (path_asked == "/big") return answer(text_response(std::string(8 << 20, 'x')));
        if (path_asked == "/stop") server.reset();
        if (path_asked == "/later") return pending.push_back(answer);
        answer(text_response("you asked for " + path_asked + seen.back().body));
    }

    // Runs the loop until `done` is true; false when that takes longer than `limit`.
    template <class Condition>
    bool run_until(Condition done, std::chrono::milliseconds limit = 5s) {
        const auto deadline = test_clock::now() + limit;
        while (!done()) {
            if (test_clock::now() > deadline) return false;
            loop.restart();
            loop.run_one_for(5ms);
        }
        return true;
    }
};

class client {
  public:
    explicit client(fixture& f) : f_(f), fd_(os::connect_unix(f.path).value()) {}

    client& send(std::string_view bytes) {
        f_.run_until([&] {
            const auto n = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (n < 0) return errno != EAGAIN;
            bytes.remove_prefix(static_cast<std::size_t>(n));
            return bytes.empty();
        });
        sent_ = bytes.empty();
        return *this;
    }
    bool all_was_sent() const { return sent_; }

    // One whole message, or what there was of one when the connection ended.
    std::string receive(bool has_body = true) {
        std::string out;
        CHECK(f_.run_until([&] { return take_message(out, has_body) || !fill(); }));
        return out;
    }

    // Everything up to the end of the connection.
    std::string rest() {
        CHECK(f_.run_until([&] { return !fill(); }));
        return std::exchange(input_, {});
    }

    bool open() { return fill(); }
    bool has_been_told_something() { return !fill() || !input_.empty(); }
    void finish_sending() { ::shutdown(fd_.get(), SHUT_WR); }
    void close() { fd_.reset(); }

  private:
    bool fill() {
        char buffer[65536];
        for (;;) {
            const auto n = ::recv(fd_.get(), buffer, sizeof buffer, 0);
            if (n <= 0) return n < 0 && errno == EAGAIN;
            input_.append(buffer, static_cast<std::size_t>(n));
        }
    }

    bool take_message(std::string& out, bool has_body) {
        const auto head = input_.find("\r\n\r\n");
        if (head == std::string::npos) return false;
        const auto at = input_.find("Content-Length: ");
        const bool sized = has_body && at < head;
        const auto length = sized ? std::stoul(input_.substr(at + 16)) : 0;
        if (input_.size() < head + 4 + length) return false;
        out = input_.substr(0, head + 4 + length);
        input_.erase(0, out.size());
        return true;
    }

    fixture& f_;
    os::unique_fd fd_;
    std::string input_;
    bool sent_ = true;
};

std::string get(std::string_view path, std::string_view headers = "") {
    return "GET " + std::string(path) + " HTTP/1.1\r\nHost: termd\r\n" + std::string(headers) +
           "\r\n";
}

bool is_problem(const std::string& text, int status) {
    const auto number = std::to_string(status);
    return text.starts_with("HTTP/1.1 " + number + " ") &&
           text.find("Content-Type: application/problem+json\r\n") != std::string::npos &&
           text.find("\"status\":" + number) != std::string::npos;
}

// Lowers the number of descriptors this process may have to those it has.
class no_more_descriptors {
  public:
    no_more_descriptors() {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        const int next = ::dup(0);
        ::close(next);
        const rlimit now{static_cast<rlim_t>(next), before_.rlim_max};
        ::setrlimit(RLIMIT_NOFILE, &now);
    }
    ~no_more_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
    no_more_descriptors(const no_more_descriptors&) = delete;
    no_more_descriptors& operator=(const no_more_descriptors&) = delete;

  private:
    rlimit before_{};
};

}  // namespace

TEST_CASE_FIXTURE(fixture, "a connection carries one request after another") {
    start();
    client c(*this);
    for (const char* path_asked : {"/a", "/b", "/c"}) {
        const auto text = c.send(get(path_asked)).receive();
        CHECK(text.starts_with("HTTP/1.1 200 OK\r\n"));
        CHECK(text.ends_with("you asked for " + std::string(path_asked)));
        CHECK(text.find("Cache-Control: no-store\r\n") != std::string::npos);
    }
    CHECK(c.open());
}

TEST_CASE_FIXTURE(fixture, "the handler is told who asks") {
    start();
    client(*this).send(get("/")).receive();
    REQUIRE(seen.size() == 1);
    CHECK(seen[0].from.uid == ::geteuid());
    CHECK(seen[0].from.gid == ::getegid());
    CHECK(seen[0].from.pid == ::getpid());
    std::vector<gid_t> mine(static_cast<std::size_t>(::getgroups(0, nullptr)));
    mine.resize(static_cast<std::size_t>(::getgroups(static_cast<int>(mine.size()), mine.data())));
    auto theirs = seen[0].from.groups;
    std::sort(mine.begin(), mine.end());
    std::sort(theirs.begin(), theirs.end());
    CHECK(theirs == mine);
}

TEST_CASE_FIXTURE(fixture, "requests sent at once are answered in order, one at a time") {
    start();
    client c(*this);
    c.send(get("/later") + get("/later") + get("/c"));
    REQUIRE(run_until([&] { return pending.size() == 1; }));
    CHECK_FALSE(run_until([&] { return pending.size() > 1; }, 20ms));
    pending[0](text_response("first"));
    REQUIRE(run_until([&] { return pending.size() == 2; }));
    CHECK(seen.size() == 2);
    pending[1](text_response("second"));
    CHECK(c.receive().ends_with("first"));
    CHECK(c.receive().ends_with("second"));
    CHECK(c.receive().ends_with("/c"));
}

TEST_CASE_FIXTURE(fixture, "a pending answer holds up no other connection") {
    start();
    client slow(*this), quick(*this);
    slow.send(get("/later"));
    REQUIRE(run_until([&] { return pending.size() == 1; }));
    CHECK(quick.send(get("/quick")).receive().ends_with("/quick"));
    pending[0](text_response("at last"));
    CHECK(slow.receive().ends_with("at last"));
}

TEST_CASE_FIXTURE(fixture, "HEAD is answered like GET without the body") {
    start();
    client c(*this);
    const auto head = c.send("HEAD /a HTTP/1.1\r\nHost: t\r\n\r\n").receive(false);
    CHECK(seen.at(0).method == "GET");
    CHECK(head.find("Content-Length: 16\r\n") != std::string::npos);
    CHECK(c.send(get("/b")).receive().ends_with("/b"));
}

TEST_CASE_FIXTURE(fixture, "a client that asks to close gets its answer and the end") {
    start();
    client polite(*this), old(*this), old_but_staying(*this);
    const auto text = polite.send(get("/a", "Connection: close\r\n")).rest();
    CHECK(text.find("Connection: close\r\n") != std::string::npos);
    CHECK(text.ends_with("/a"));
    CHECK(old.send("GET /b HTTP/1.0\r\n\r\n").rest().ends_with("/b"));
    const auto kept =
        old_but_staying.send("GET /c HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").receive();
    CHECK(kept.find("Connection: keep-alive\r\n") != std::string::npos);
    CHECK(old_but_staying.open());
}

TEST_CASE_FIXTURE(fixture, "a client that has finished sending still gets its answer") {
    start();
    client c(*this);
    c.send(get("/later")).finish_sending();
    REQUIRE(run_until([&] { return pending.size() == 1; }));
    CHECK_FALSE(run_until([&] { return !c.open(); }, 20ms));
    pending[0](text_response("late"));
    CHECK(c.rest().ends_with("late"));
}

TEST_CASE_FIXTURE(fixture, "a client that expects 100 gets it before it sends the body") {
    start();
    client c(*this);
    c.send("POST / HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    CHECK(c.receive() == "HTTP/1.1 100 Continue\r\n\r\n");
    CHECK(c.send("abc").receive().ends_with("/abc"));
    c.send("POST / HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: 99999\r\n\r\n");
    CHECK(is_problem(c.receive(), 413));
}

TEST_CASE_FIXTURE(fixture, "a body arrives in as many pieces as it likes") {
    start();
    client c(*this);
    for (const char byte :
         std::string("POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n"
                     "3\r\nabc\r\n0\r\n\r\n")) {
        c.send({&byte, 1});
        loop.restart();
        loop.poll();
    }
    CHECK(c.receive().ends_with("/abc"));
}

TEST_CASE_FIXTURE(fixture, "a bad request is answered with a problem and ends the connection") {
    start();
    client c(*this);
    const auto text = c.send("GET / HTTP/1.1\r\nHost: t\n\n" + get("/smuggled")).rest();
    CHECK(is_problem(text, 400));
    CHECK(text.find("\"code\":\"invalid_request\"") != std::string::npos);
    CHECK(text.find("Connection: close\r\n") != std::string::npos);
    CHECK(seen.empty());
}

TEST_CASE_FIXTURE(fixture, "a client that is still sending reads why it was refused") {
    start();
    client c(*this);
    c.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 4000000\r\n\r\n" +
           std::string(4'000'000, 'x'));
    CHECK(c.all_was_sent());
    const auto text = c.rest();
    CHECK(is_problem(text, 413));
    CHECK(text.find("\"code\":\"too_large\"") != std::string::npos);
}

TEST_CASE_FIXTURE(fixture, "a request that trickles in is cut, whatever the pace") {
    limits.request_time = 100ms;
    limits.header_bytes = 1 << 20;
    start();
    client c(*this);
    CHECK(run_until([&] { return c.send("G").has_been_told_something(); }));
    CHECK(is_problem(c.rest(), 408));
}

TEST_CASE_FIXTURE(fixture, "a client that goes on talking after the last word is cut") {
    limits.request_time = 20ms;
    limits.connections = 1;
    start();
    client c(*this);
    const auto text = c.send("nonsense\r\n\r\n").receive();
    CHECK(is_problem(text, 400));
    CHECK(run_until([&] { return !c.send("and").all_was_sent(); }));
    CHECK(client(*this).send(get("/a")).receive().ends_with("/a"));
}

TEST_CASE_FIXTURE(fixture, "a slow request is told what it was") {
    limits.request_time = 100ms;
    start();
    client c(*this);
    const auto text = c.send("GET").receive();
    loop.restart();
    loop.poll();
    CHECK(c.send(" /").all_was_sent());
    CHECK(c.rest().empty());
    CHECK(is_problem(text, 408));
    CHECK(text.find("\"code\":\"request_timeout\"") != std::string::npos);
}

TEST_CASE_FIXTURE(fixture, "an answer that takes long is not a slow request") {
    limits.request_time = 50ms;
    limits.idle_time = 50ms;
    start();
    client c(*this);
    c.send(get("/later"));
    CHECK_FALSE(run_until([&] { return !c.open(); }, 120ms));
    pending.at(0)(text_response("done"));
    CHECK(c.receive().ends_with("done"));
}

TEST_CASE_FIXTURE(fixture, "an idle connection is closed without a word") {
    limits.idle_time = 50ms;
    start();
    client fresh(*this), used(*this);
    CHECK(used.send(get("/a")).receive().ends_with("/a"));
    CHECK(fresh.rest().empty());
    CHECK(used.rest().empty());
}

TEST_CASE_FIXTURE(fixture, "a large answer reaches a slow reader whole") {
    start();
    client c(*this);
    CHECK(c.send(get("/big")).receive().ends_with(std::string(8 << 20, 'x')));
}

TEST_CASE_FIXTURE(fixture, "a client that does not read its answer is cut") {
    limits.idle_time = 20ms;
    limits.connections = 1;
    start();
    client c(*this);
    c.send(get("/big"));
    CHECK(run_until([&] { return client(*this).send(get("/a")).receive().ends_with("/a"); }));
}

TEST_CASE_FIXTURE(fixture,
                  "a user has a limited number of connections, and gets back what is closed") {
    limits.connections_per_uid = 2;
    start();
    std::optional<client> first(std::in_place, *this);
    client second(*this), third(*this);
    CHECK(is_problem(third.rest(), 429));
    CHECK(first->send(get("/a")).receive().ends_with("/a"));
    first.reset();
    CHECK(run_until([&] { return client(*this).send(get("/b")).receive().ends_with("/b"); }));
}

TEST_CASE_FIXTURE(fixture,
                  "a connection that was closed before the next one was taken counts no more") {
    limits.connections_per_uid = 1;
    start();
    std::optional<client> first(std::in_place, *this);
    CHECK(first->send(get("/a")).receive().ends_with("/a"));
    loop.restart();
    loop.poll();           // the first has nothing more to come
    client second(*this);  // the loop hears of this one before the end of the first
    first.reset();
    CHECK(second.send(get("/b")).receive().ends_with("/b"));
}

TEST_CASE_FIXTURE(fixture, "there is a limit to all connections") {
    limits.connections = 1;
    start();
    client first(*this), second(*this);
    CHECK(is_problem(second.rest(), 503));
    CHECK(first.send(get("/a")).receive().ends_with("/a"));
}

TEST_CASE_FIXTURE(fixture, "without descriptors the server waits instead of spinning") {
    start();
    client c(*this);
    c.send(get("/a"));
    {
        const no_more_descriptors none;
        std::size_t turns = 0;
        const auto until = test_clock::now() + 250ms;
        while (test_clock::now() < until) {
            loop.restart();
            turns += loop.run_one_for(10ms);
        }
        CHECK(turns < 20);
        CHECK(seen.empty());
    }
    CHECK(c.receive().ends_with("/a"));
}

TEST_CASE_FIXTURE(fixture, "an exception in the handler is a 500 and ends that connection only") {
    start();
    client c(*this), other(*this);
    const auto text = c.send(get("/throw") + get("/after")).rest();
    CHECK(is_problem(text, 500));
    CHECK(text.find("broken") == std::string::npos);
    CHECK(seen.size() == 1);
    CHECK(other.send(get("/a")).receive().ends_with("/a"));
}

TEST_CASE_FIXTURE(fixture, "a request that the handler forgets is a 500") {
    start();
    client c(*this);
    CHECK(is_problem(c.send(get("/drop")).receive(), 500));
    CHECK(c.send(get("/a")).receive().ends_with("/a"));
}

TEST_CASE_FIXTURE(fixture, "only the first answer counts") {
    start();
    client c(*this);
    c.send(get("/later"));
    REQUIRE(run_until([&] { return pending.size() == 1; }));
    pending[0](text_response("one"));
    pending[0](text_response("two"));
    CHECK(c.receive().ends_with("one"));
    c.send(get("/later"));
    REQUIRE(run_until([&] { return pending.size() == 2; }));
    pending[0](text_response("three"));
    pending[1](text_response("four"));
    CHECK(c.receive().ends_with("four"));
}

TEST_CASE_FIXTURE(fixture,
                  "a client that goes away gives its place free while its answer is pending") {
    limits.connections = 1;
    start();
    client c(*this);
    c.send(get("/later"));
    REQUIRE(run_until([&] { return pending.size() == 1; }));
    c.close();
    CHECK(run_until([&] { return client(*this).send(get("/a")).receive().ends_with("/a"); }));
    pending[0](text_response("to nobody"));
    pending.clear();
    CHECK(run_until([&] { return client(*this).send(get("/b")).receive().ends_with("/b"); }));
}

TEST_CASE_FIXTURE(fixture,
                  "a server that goes away ends its connections; late answers do no harm") {
    start();
    client waiting(*this), idle(*this), reading(*this);
    reading.send("GET / HT");
    waiting.send(get("/later"));
    REQUIRE(run_until([&] { return pending.size() == 1; }));
    server.reset();
    CHECK(waiting.rest().empty());
    CHECK(idle.rest().empty());
    CHECK(reading.rest().empty());
    pending[0](text_response("to nobody"));
    loop.restart();
    CHECK(run_until([&] { return loop.poll() == 0; }));
    CHECK(loop.stopped());
    CHECK(os::connect_unix(path).has_error());
}

TEST_CASE_FIXTURE(fixture, "the handler may destroy the server") {
    start();
    client c(*this);
    CHECK(c.send(get("/stop")).rest().empty());
    CHECK_FALSE(server.has_value());
}

TEST_CASE("a loop that is destroyed with connections and answers pending leaves nothing behind") {
    std::vector<responder> kept;
    {
        fixture f;
        f.start();
        client c(f);
        c.send(get("/later"));
        REQUIRE(f.run_until([&] { return f.pending.size() == 1; }));
        kept = std::move(f.pending);
    }
    kept[0](text_response("to nobody"));
}

TEST_CASE_FIXTURE(fixture, "no descriptor of the server is inherited by a program it starts") {
    start();
    client c(*this);
    c.send(get("/later"));
    REQUIRE(run_until([&] { return pending.size() == 1; }));
    int sockets = 0;
    for (int fd = 3; fd < 64; ++fd) {
        sockaddr_storage address{};
        socklen_t size = sizeof address;
        if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) continue;
        ++sockets;
        CHECK((::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
    }
    CHECK(sockets >= 3);  // the listener and both ends
}
