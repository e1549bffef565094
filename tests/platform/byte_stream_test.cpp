#include "os/byte_stream.hpp"

#include <csignal>
#include <optional>

#include "os/pty.hpp"
#include "os/socket.hpp"
#include "tests/platform/helpers.hpp"

using namespace termd;
using namespace termd::test;
using os::byte_stream;

namespace {

constexpr std::size_t more_than_fits = 4 << 20;

std::string pattern(std::size_t size) {
    std::string out(size, ' ');
    unsigned state = 1;
    for (char& c : out) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
    return out;
}

// A stream on one end of a socket pair, and the other end bare.
struct fixture {
    boost::asio::io_context loop;
    std::shared_ptr<byte_stream> stream;
    os::unique_fd peer;
    std::string received;
    int closed = 0, drained = 0;

    fixture() {
        ::signal(SIGPIPE, SIG_IGN);
        auto [a, b] = os::socket_pair().value();
        stream = byte_stream::make(loop.get_executor(), std::move(a));
        peer = std::move(b);
    }
    ~fixture() {
        if (stream) stream->close();
        run_ready(loop);
    }

    byte_stream::callbacks noting() {
        byte_stream::callbacks on;
        on.bytes = [this](std::string_view bytes) { received += bytes; };
        on.closed = [this] { ++closed; };
        on.drained = [this] { ++drained; };
        return on;
    }
    void start() { stream->start(noting()); }

    void send(std::string_view bytes) {
        REQUIRE(::write(peer.get(), bytes.data(), bytes.size()) ==
                static_cast<ssize_t>(bytes.size()));
    }
    std::string take_from_peer() {
        std::string out(1 << 20, ' ');
        const auto got = ::read(peer.get(), out.data(), out.size());
        out.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
        return out;
    }
};

}  // namespace

TEST_CASE_FIXTURE(fixture, "bytes come in as they are sent") {
    start();
    send("first");
    CHECK(run_until(loop, [&] { return received == "first"; }));
    send(std::string_view("\0second", 7));
    CHECK(run_until(loop, [&] { return received == std::string("first\0second", 12); }));
    CHECK(closed == 0);
}

TEST_CASE_FIXTURE(fixture, "what fits goes out at once, before the loop runs") {
    start();
    stream->write("now");
    CHECK(take_from_peer() == "now");
    CHECK(stream->queued() == 0);
    run_ready(loop);
    CHECK(drained == 0);  // nothing had to wait
}

TEST_CASE_FIXTURE(fixture, "what does not fit waits its turn and arrives whole") {
    start();
    const auto all = pattern(more_than_fits);
    for (std::size_t at = 0; at < all.size(); at += 100'000)
        stream->write(std::string_view(all).substr(at, 100'000));
    CHECK(stream->queued() > 0);
    std::string got;
    CHECK(run_until(loop, [&] {
        got += take_from_peer();
        return got.size() >= all.size();
    }));
    CHECK(got == all);
    CHECK(run_until(loop, [&] { return drained == 1; }));
    CHECK(stream->queued() == 0);
    stream->write("after");
    CHECK(take_from_peer() == "after");
}

TEST_CASE_FIXTURE(fixture, "bytes that are written before the start are sent") {
    const auto all = pattern(more_than_fits);
    stream->write(all);
    start();
    std::string got;
    CHECK(run_until(loop, [&] {
        got += take_from_peer();
        return got == all;
    }));
    CHECK(run_until(loop, [&] { return drained == 1; }));
}

TEST_CASE_FIXTURE(fixture, "a stream that is paused reads nothing until it is resumed") {
    start();
    send("before");
    CHECK(run_until(loop, [&] { return received == "before"; }));
    stream->pause_reading();
    send(" and after");
    run_ready(loop);
    CHECK(received == "before");
    stream->pause_reading();
    stream->resume_reading();
    stream->resume_reading();
    CHECK(run_until(loop, [&] { return received == "before and after"; }));
}

TEST_CASE_FIXTURE(fixture, "a stream can be paused while it hands over bytes") {
    auto on = noting();
    on.bytes = [this](std::string_view bytes) {
        received += bytes;
        stream->pause_reading();
    };
    stream->start(std::move(on));
    const std::string much(100'000, 'x');  // more than one read
    send(much);
    CHECK(run_until(loop, [&] { return !received.empty(); }));
    run_ready(loop);
    const auto first = received.size();
    CHECK(first < much.size());
    stream->resume_reading();
    CHECK(run_until(loop, [&] { return received.size() > first; }));
}

TEST_CASE_FIXTURE(fixture, "while it is paused, a stream does not see its end") {
    start();
    stream->pause_reading();
    send("last words");
    peer.reset();
    run_ready(loop);
    CHECK(closed == 0);
    stream->resume_reading();
    CHECK(run_until(loop, [&] { return closed == 1; }));
    CHECK(received == "last words");
}

TEST_CASE_FIXTURE(fixture, "while it is paused, a stream may be asked to notice that its peer has gone") {
    start();
    stream->pause_reading(true);
    stream->pause_reading(true);
    run_ready(loop);
    CHECK(closed == 0);
    peer.reset();
    CHECK(run_until(loop, [&] { return closed == 1; }));
    run_ready(loop);
    CHECK(closed == 1);
}

TEST_CASE_FIXTURE(fixture, "a peer that had gone before the pause is noticed as well") {
    start();
    stream->pause_reading();
    peer.reset();
    run_ready(loop);
    CHECK(closed == 0);
    stream->pause_reading(true);
    CHECK(run_until(loop, [&] { return closed == 1; }));
}

TEST_CASE_FIXTURE(fixture, "a stream that was resumed reads to the end, whatever it was asked to notice") {
    start();
    stream->pause_reading(true);
    run_ready(loop);
    stream->resume_reading();
    send("last words");
    peer.reset();
    CHECK(run_until(loop, [&] { return closed == 1; }));
    CHECK(received == "last words");
}

TEST_CASE_FIXTURE(fixture, "the end of the other side is told once") {
    start();
    send("last words");
    peer.reset();
    CHECK(run_until(loop, [&] { return closed == 1; }));
    CHECK(received == "last words");
    CHECK_FALSE(stream->is_open());
    stream->write("into nothing");
    stream->resume_reading();
    stream->close();
    run_ready(loop);
    CHECK(closed == 1);
    CHECK(stream->queued() == 0);
}

TEST_CASE_FIXTURE(fixture, "closing is not told to the one who closes") {
    start();
    stream->write(pattern(more_than_fits));
    stream->close();
    CHECK(stream->queued() == 0);
    run_ready(loop);
    CHECK(closed == 0);
    CHECK(drained == 0);
    std::string got;
    CHECK(run_until(loop, [&] { return take_from_peer().empty(); }));
}

TEST_CASE_FIXTURE(fixture, "a callback may close the stream and go on using what it holds") {
    // Small closures are kept inside std::function, and this one is used after close().
    byte_stream::callbacks on;
    on.bytes = [this](std::string_view bytes) {
        stream->close();
        received += bytes;
        ++closed;
    };
    stream->start(std::move(on));
    send("bytes");
    CHECK(run_until(loop, [&] { return closed == 1; }));
    CHECK(received == "bytes");
    run_ready(loop);
}

TEST_CASE_FIXTURE(fixture, "the stream may be closed while it tells that its queue is empty") {
    byte_stream::callbacks on;
    on.drained = [this] {
        stream->close();
        ++drained;
    };
    stream->start(std::move(on));
    stream->write(pattern(more_than_fits));
    CHECK(run_until(loop, [&] {
        take_from_peer();
        return drained == 1;
    }));
    CHECK_FALSE(stream->is_open());
}

TEST_CASE_FIXTURE(fixture, "the stream may be closed and dropped while it tells that it is closed") {
    byte_stream::callbacks on;
    on.closed = [this] {
        stream->close();
        stream.reset();
        ++closed;
    };
    stream->start(std::move(on));
    peer.reset();
    CHECK(run_until(loop, [&] { return closed == 1; }));
    run_ready(loop);
    CHECK(closed == 1);
}

TEST_CASE_FIXTURE(fixture, "a stream whose callbacks own it goes away when it is closed") {
    const std::weak_ptr<byte_stream> watched = stream;
    byte_stream::callbacks on;
    on.bytes = [self = stream](std::string_view) {};
    stream->start(std::move(on));
    stream->close();
    stream.reset();
    run_ready(loop);
    CHECK(watched.expired());
}

TEST_CASE_FIXTURE(fixture, "writing after the reader has gone ends the stream, but not at once") {
    start();
    stream->pause_reading();
    peer.reset();
    stream->write("anybody there?");
    CHECK(closed == 0);  // the writer is in the middle of something
    stream->write("hello?");
    CHECK(run_until(loop, [&] { return closed == 1; }));
    run_ready(loop);
    CHECK(closed == 1);
}

TEST_CASE_FIXTURE(fixture, "a reader that goes while bytes wait for it ends the stream") {
    start();
    stream->pause_reading();
    stream->write(pattern(more_than_fits));
    CHECK(stream->queued() > 0);
    peer.reset();
    CHECK(run_until(loop, [&] { return closed == 1; }));
    CHECK(stream->queued() == 0);
    CHECK(drained == 0);
}

TEST_CASE_FIXTURE(fixture, "the rest can be read without waiting") {
    start();
    stream->pause_reading();
    stream->read_the_rest();
    CHECK(received.empty());
    send(std::string(150'000, 'x'));
    stream->read_the_rest();
    CHECK(received.size() == 150'000);
    CHECK(stream->is_open());
    peer.reset();
    stream->read_the_rest();
    CHECK(closed == 1);
    stream->read_the_rest();
    CHECK(closed == 1);
}

TEST_CASE("a terminal whose other side is closed ends the stream") {
    boost::asio::io_context loop;
    auto pty = os::open_pty({80, 24}).value();
    const auto stream = byte_stream::make(loop.get_executor(), std::move(pty.master));
    std::string received;
    bool closed = false;
    byte_stream::callbacks on;
    on.bytes = [&](std::string_view bytes) { received += bytes; };
    on.closed = [&] { closed = true; };
    stream->start(std::move(on));
    REQUIRE(::write(pty.slave.get(), "bye", 3) == 3);
    pty.slave.reset();
    CHECK(run_until(loop, [&] { return closed; }));
    CHECK(received == "bye");
}
