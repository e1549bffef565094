// What a probe says about a port, against real sockets.
#include "supervisor/platform/prober.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

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
    probe_verdict probe() {
        heard.verdict.reset();
        const auto port = listener.local_endpoint().port();
        prober.probe(*session_id::parse("k3v9q0w1x2y4z5a6"), port, std::nullopt, 2s);
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

TEST_CASE("a probe for which there is no descriptor says nothing about the worker") {
    probing p;
    const few_descriptors none;
    CHECK(p.probe() == probe_verdict::unknown);
    CHECK(p.heard.why.find("Too many open files") != std::string::npos);
}
