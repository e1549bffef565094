// Answers that are written bit by bit, on real sockets. Server and client share one thread: who
// waits runs the loop, so a test is a sequence of steps and nothing sleeps.
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <filesystem>
#include <optional>

#include "os/socket.hpp"
#include "supervisor/api/http.hpp"

using namespace termd;
using namespace termd::api;
using namespace std::chrono_literals;

namespace {

struct fixture {
    std::string folder = "/tmp/termd-http-XXXXXX";
    boost::asio::io_context loop;
    http_limits limits;
    std::shared_ptr<body_writer> body;
    int rooms = 0, ends = 0;
    std::optional<http_server> server;
    os::unique_fd client, taken;
    std::string seen;

    fixture() { REQUIRE(::mkdtemp(folder.data()) != nullptr); }
    ~fixture() { std::filesystem::remove_all(folder); }

    void start(os::unique_fd listener) {
        server.emplace(loop, std::move(listener), limits, [this](http_request r, responder answer) {
            http_response response;
            response.content_type = "text/plain";
            response.body = "plain";
            if (r.path == "/upgrade") {
                response.status = 101;
                response.upgrade = [this](os::unique_fd socket) { taken = std::move(socket); };
            }
            if (r.path == "/stream") response.stream = [this](auto to) { begin(std::move(to)); };
            answer(std::move(response));
        });
    }
    void start() {
        start(os::listen_unix(folder + "/s", 0600).value());
        connect();
    }
    void connect() { client = os::connect_unix(folder + "/s").value(); }
    void begin(std::shared_ptr<body_writer> to) {
        body = std::move(to);
        body->notify([this] { ++rooms; }, [this] { ++ends; });
    }

    template <class Condition>
    bool run_until(Condition done, std::chrono::milliseconds limit = 5s) {
        const auto deadline = std::chrono::steady_clock::now() + limit;
        while (!done()) {
            if (std::chrono::steady_clock::now() > deadline) return false;
            loop.restart();
            loop.run_one_for(5ms);
        }
        return true;
    }
    void send(std::string_view text) {
        REQUIRE(::send(client.get(), text.data(), text.size(), MSG_NOSIGNAL) ==
                static_cast<ssize_t>(text.size()));
    }
    void ask(const std::string& target = "/stream", const std::string& version = "1.1") {
        send("GET " + target + " HTTP/" + version + "\r\nHost: x\r\n\r\n");
    }
    // Reads what is there; false at the end of the connection.
    bool read() {
        char buffer[65536];
        for (;;) {
            const auto n = ::recv(client.get(), buffer, sizeof buffer, 0);
            if (n <= 0) return n < 0 && errno == EAGAIN;
            seen.append(buffer, static_cast<std::size_t>(n));
        }
    }
    bool sees(const std::string& text) {
        return run_until([&] {
            read();
            return seen.find(text) != std::string::npos;
        });
    }
    bool ended() {
        return run_until([&] { return !read(); });
    }
    bool streaming() {
        return run_until([&] { return body != nullptr; });
    }
};

}  // namespace

TEST_CASE_FIXTURE(fixture, "the head goes out before there is anything to write") {
    start();
    ask();
    CHECK(sees("\r\n\r\n"));
    CHECK(seen.starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(seen.find("Transfer-Encoding: chunked\r\n") != std::string::npos);
    CHECK(seen.find("Content-Length") == std::string::npos);
}

TEST_CASE_FIXTURE(fixture,
                  "pieces arrive as chunks when they are written, and the connection goes on") {
    start();
    ask();
    REQUIRE(streaming());
    body->write("hello");
    CHECK(sees("\r\n\r\n5\r\nhello\r\n"));
    body->write("sixteen letters!");
    CHECK(sees("10\r\nsixteen letters!\r\n"));
    body->finish();
    CHECK(sees("0\r\n\r\n"));
    CHECK(run_until([&] { return ends == 1; }));
    seen.clear();
    ask("/plain");
    CHECK(sees("plain"));
}

TEST_CASE_FIXTURE(fixture, "an old client gets the bare bytes, up to the end of the connection") {
    start();
    ask("/stream", "1.0");
    REQUIRE(streaming());
    body->write("hello");
    body->finish();
    CHECK(ended());
    CHECK(seen.ends_with("\r\n\r\nhello"));
    CHECK(seen.find("chunked") == std::string::npos);
    CHECK(seen.find("Connection: close\r\n") != std::string::npos);
}

TEST_CASE_FIXTURE(fixture, "a HEAD gets the head alone, and nobody is asked to write") {
    start();
    send("HEAD /stream HTTP/1.1\r\nHost: x\r\n\r\n");
    ask("/plain");
    CHECK(sees("plain"));
    CHECK(seen.find("Transfer-Encoding: chunked\r\n") != std::string::npos);
    CHECK(body == nullptr);
}

TEST_CASE_FIXTURE(fixture, "the writer is told when the client has gone, once") {
    start();
    ask();
    REQUIRE(streaming());
    client.reset();
    CHECK(run_until([&] { return ends == 1; }));
    body->write("nobody hears this");
    body->finish();
    CHECK(body->queued() == 0);
    run_until([] { return false; }, 20ms);
    CHECK(ends == 1);
}

TEST_CASE_FIXTURE(fixture,
                  "what the client does not take is queued, and there is room when it has") {
    start();
    ask();
    REQUIRE(streaming());
    const std::string piece(100'000, 'x');
    for (int i = 0; i < 40; ++i) body->write(piece);
    run_until([] { return false; }, 20ms);
    CHECK(body->queued() > 1'000'000);
    const int before = rooms;
    CHECK(run_until([&] {
        read();
        return body->queued() == 0;
    }));
    CHECK(run_until([&] { return rooms > before; }));
    body->finish();
    CHECK(sees("0\r\n\r\n"));
    CHECK(static_cast<std::size_t>(std::count(seen.begin(), seen.end(), 'x')) >= 4'000'000);
}

TEST_CASE_FIXTURE(fixture,
                  "a client that takes nothing for too long is cut off; a silent stream is not") {
    limits.idle_time = 100ms;
    start();
    ask();
    REQUIRE(streaming());
    CHECK(sees("\r\n\r\n"));
    CHECK_FALSE(run_until([&] { return ends > 0; }, 300ms));
    body->write(std::string(4'000'000, 'x'));
    CHECK(run_until([&] { return ends == 1; }));
}

TEST_CASE_FIXTURE(fixture, "a request behind a stream waits until it has ended") {
    start();
    ask();
    ask("/plain");
    REQUIRE(streaming());
    body->write("first");
    CHECK(sees("first"));
    CHECK(seen.find("HTTP/1.1", 1) == std::string::npos);
    body->finish();
    CHECK(sees("0\r\n\r\nHTTP/1.1 200 OK"));
}

TEST_CASE_FIXTURE(fixture, "a server that goes tells the writers and closes") {
    start();
    ask();
    REQUIRE(streaming());
    server.reset();
    CHECK(ends == 1);
    CHECK(ended());
}

TEST_CASE_FIXTURE(fixture, "streams count as connections") {
    limits.connections_per_uid = 1;
    start();
    ask();
    REQUIRE(streaming());
    const auto first = std::move(client);
    connect();
    CHECK(ended());
    CHECK(seen.starts_with("HTTP/1.1 429"));
}

TEST_CASE_FIXTURE(fixture, "a TCP socket is served too, to a client of whom nothing is known") {
    auto listener = os::listen_tcp("127.0.0.1", 0).value();
    sockaddr_in address{};
    socklen_t size = sizeof address;
    REQUIRE(::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
    peer from;
    server.emplace(loop, std::move(listener), limits, [&](http_request r, responder answer) {
        from = r.from;
        http_response response;
        response.body = "plain";
        answer(std::move(response));
    });
    client.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(::connect(client.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
    ask("/plain");
    timeval soon{0, 1000};
    ::setsockopt(client.get(), SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon);
    CHECK(sees("plain"));
    CHECK(from.uid == static_cast<uid_t>(-1));
    CHECK(from.pid == 0);
}

TEST_CASE("a TCP port that is taken, or no address, is an error") {
    const auto first = os::listen_tcp("127.0.0.1", 0).value();
    sockaddr_in address{};
    socklen_t size = sizeof address;
    REQUIRE(::getsockname(first.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
    const auto again = os::listen_tcp("127.0.0.1", ntohs(address.sin_port));
    REQUIRE(again.has_error());
    CHECK(again.error().detail.find("cannot bind 127.0.0.1:") == 0);
    CHECK(os::listen_tcp("localhost", 0).has_error());
}

TEST_CASE_FIXTURE(fixture, "after a 101 the connection is its taker's, and the server has forgotten it") {
    start();
    ask("/upgrade");
    CHECK(sees("HTTP/1.1 101 Switching Protocols\r\n"));
    REQUIRE(run_until([&] { return static_cast<bool>(taken); }));
    server.reset();
    send("hello");
    char text[5];
    CHECK(::read(taken.get(), text, sizeof text) == 5);
    REQUIRE(::write(taken.get(), "other words", 11) == 11);
    CHECK(sees("other words"));
    taken.reset();
    CHECK(ended());
}

TEST_CASE_FIXTURE(fixture, "a client that speaks on before its 101 is hung up on") {
    start();
    send("GET /upgrade HTTP/1.1\r\nHost: x\r\n\r\nmore");
    CHECK(ended());
    CHECK_FALSE(taken);
}

TEST_CASE_FIXTURE(fixture, "an old client gets no other protocol") {
    start();
    ask("/upgrade", "1.0");
    CHECK(ended());
    CHECK(seen.starts_with("HTTP/1.1 426 "));
    CHECK_FALSE(taken);
}
