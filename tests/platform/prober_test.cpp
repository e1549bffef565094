// What a probe says about a port, against real sockets.
#include "supervisor/platform/prober.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "helpers.hpp"

using namespace termd;
using namespace termd::test;
using boost::asio::ip::tcp;
using engine::probe_verdict;

namespace {

struct one_answer final : engine::session_events {
    std::optional<probe_verdict> verdict;
    std::string why;
    void told(const session_id&, const protocol::shim::fact&) override {}
    void gone(const session_id&, std::optional<protocol::exit_record>) override {}
    void probed(const session_id&, probe_verdict v, microseconds, std::string text) override {
        CHECK(!verdict);  // exactly once
        verdict = v;
        why = std::move(text);
    }
};

struct probing {
    boost::asio::io_context loop;
    tcp::acceptor listener{loop, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)};
    platform::prober prober{loop, "127.0.0.1", "/"};
    one_answer heard;

    probing() { prober.report_to(heard); }
    probe_verdict probe() { return probe(listener.local_endpoint().port()); }
    probe_verdict probe(int port) {
        heard.verdict.reset();
        prober.probe(*session_id::parse("k3v9q0w1x2y4z5a6"), port, std::nullopt, 2s);
        CHECK(!heard.verdict);  // who asks is in the middle of something
        REQUIRE(run_until(loop, [&] { return heard.verdict.has_value(); }));
        return *heard.verdict;
    }
    // Reads nothing, or it would wait for a probe that waits for the same loop.
    void answer_by(std::string text) {
        listener.async_accept(
            [this, text = std::move(text)](boost::system::error_code e, tcp::socket s) {
                REQUIRE(!e);
                boost::asio::write(s, boost::asio::buffer(text));
                s.shutdown(tcp::socket::shutdown_send);
                open.push_back(std::move(s));
            });
    }
    std::vector<tcp::socket> open;
};

}  // namespace

TEST_CASE("only 200 is well") {
    probing p;
    p.answer_by("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    CHECK(p.probe() == probe_verdict::well);
    p.answer_by("HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n");
    CHECK(p.probe() == probe_verdict::unwell);
    p.answer_by("");
    CHECK(p.probe() == probe_verdict::unwell);
}

TEST_CASE("a port on which nobody listens is unwell") {
    probing p;
    const auto port = p.listener.local_endpoint().port();
    p.listener.close();
    CHECK(p.probe(port) == probe_verdict::unwell);
    CHECK(p.heard.why == "cannot connect: Connection refused");
}

TEST_CASE("a probe for which there is no descriptor says nothing about the worker") {
    probing p;
    const few_descriptors none;
    CHECK(p.probe() == probe_verdict::unknown);
    CHECK(p.heard.why.find("Too many open files") != std::string::npos);
}

namespace {

// A session's own socket, which this very process listens on.
struct socket_probing {
    boost::asio::io_context loop;
    temporary_directory sessions;
    session_id id = *session_id::parse("k3v9q0w1x2y4z5a6");
    std::string path = sessions.path + "/" + id.str() + "/ttyd.sock";
    one_answer heard;
    std::optional<boost::asio::local::stream_protocol::socket> client;

    probe_verdict probe(int owner, std::optional<gid_t> proxy = {}) {
        std::filesystem::create_directory(sessions.path + "/" + id.str());
        std::filesystem::remove(path);
        boost::asio::local::stream_protocol::acceptor listener(loop, path);
        listener.async_accept([this](boost::system::error_code e, auto socket) {
            REQUIRE(!e);
            boost::asio::write(socket, boost::asio::buffer("HTTP/1.1 200 OK\r\n\r\n", 19));
            client = std::move(socket);
        });
        platform::prober prober(loop, "127.0.0.1", sessions.path, proxy);
        prober.report_to(heard);
        heard.verdict.reset();
        prober.probe(id, 0, owner, 2s);
        REQUIRE(run_until(loop, [&] { return heard.verdict.has_value(); }));
        return *heard.verdict;
    }
    gid_t group() const {
        struct stat about{};
        REQUIRE(::stat(path.c_str(), &about) == 0);
        return about.st_gid;
    }
};

}  // namespace

TEST_CASE("on a socket it must be the session's own ttyd that listens") {
    socket_probing p;
    CHECK(p.probe(::getpid()) == probe_verdict::well);
    CHECK(p.probe(::getppid()) == probe_verdict::unwell);
    CHECK(p.heard.why == "somebody else listens on its socket");
}

TEST_CASE("the proxy's group gets a socket when it is proved, and not before") {
    if (::geteuid() != 0) return;  // only root can give to any group
    socket_probing p;
    constexpr gid_t proxy = 33;
    CHECK(p.probe(::getppid(), proxy) == probe_verdict::unwell);
    CHECK(p.group() != proxy);
    CHECK(p.probe(::getpid(), proxy) == probe_verdict::well);
    CHECK(p.group() == proxy);
}

TEST_CASE("a session without its socket is unwell") {
    socket_probing p;
    platform::prober prober(p.loop, "127.0.0.1", p.sessions.path);
    prober.report_to(p.heard);
    prober.probe(p.id, 0, ::getpid(), 2s);
    REQUIRE(run_until(p.loop, [&] { return p.heard.verdict.has_value(); }));
    CHECK(p.heard.verdict == probe_verdict::unwell);
}
