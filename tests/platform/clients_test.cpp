#include "supervisor/shim/clients.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "os/socket.hpp"
#include "tests/platform/helpers.hpp"

using namespace termd;
using namespace termd::test;
namespace attach = protocol::attach;

namespace {

struct fixture {
    temporary_directory here;
    boost::asio::io_context loop;
    std::string path = here.path + "/s";
    std::string replayed = "before ";
    shim::clients all{loop.get_executor(), os::listen_unix(path, 0600).value(), callbacks()};
    os::unique_fd client = os::connect_unix(path).value();
    std::string seen;

    shim::clients::callbacks callbacks() {
        shim::clients::callbacks on;
        on.check = [](std::string_view token) -> std::optional<protocol::role> {
            return token == "view" ? protocol::role::view : protocol::role::control;
        };
        on.refused = [] {};
        on.greeting = [this] { return replayed; };
        on.news = [](protocol::role) { return std::vector<attach::notice>(); };
        on.welcomed = on.changed = on.drained = [] {};
        on.input = [](std::string_view) {};
        on.input_full = [] { return false; };
        on.resized = [this](os::window_size size) { all.size_is(size); };
        return on;
    }

    void send(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto sent = ::send(client.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
            REQUIRE((sent > 0 || errno == EAGAIN));
            run_ready(loop);
        }
    }
    void greet(const std::string& token = "view") {
        attach::hello hello;
        hello.token = token;
        hello.notices = true;
        send(attach::encode(attach::type::hello, hello));
    }
    void read() {
        char buffer[65536];
        for (ssize_t got; (got = ::recv(client.get(), buffer, sizeof buffer, 0)) > 0;)
            seen.append(buffer, static_cast<std::size_t>(got));
    }
    std::vector<attach::type> heard() {
        protocol::frame_reader frames;
        frames.add(seen);
        std::vector<attach::type> out;
        while (const auto frame = frames.next()) out.push_back(attach::type_of(*frame));
        return out;
    }
    int last_size() {
        protocol::frame_reader frames;
        frames.add(seen);
        int columns = 0;
        while (const auto frame = frames.next()) {
            if (attach::type_of(*frame) != attach::type::notice) continue;
            const auto notice = protocol::from_fields<attach::notice>(frame->payload);
            if (notice->what == attach::notice::kind::size) columns = notice->columns;
        }
        return columns;
    }
};

}  // namespace

TEST_CASE_FIXTURE(fixture, "who comes when the session is over is told so, and does not keep it") {
    attach::notice why;
    why.what = attach::notice::kind::ended;
    why.text = "session ended: ttl";
    all.finish(why);

    greet();

    REQUIRE(run_until(loop, [&] {
        read();
        return heard().size() == 3;
    }));
    CHECK(heard() == std::vector{attach::type::welcome, attach::type::notice, attach::type::finished});
    CHECK(all.empty());
}

TEST_CASE_FIXTURE(fixture, "a client that tells its size again and again, and does not read, fills no memory") {
    greet();
    attach::resize size;
    const auto resize = attach::encode(attach::type::resize, size);
    std::string many;
    for (int i = 0; i < 1000; ++i) many += resize;

    for (int i = 0; i < 200; ++i) send(many);

    REQUIRE(run_until(loop, [&] {
        const auto before = seen.size();
        read();
        run_ready(loop);
        return seen.size() == before && !seen.empty();
    }));
    CHECK(seen.size() < 1 << 20);
}

TEST_CASE_FIXTURE(fixture, "one that changes the size to and fro, and does not read, is told the last one when it does") {
    greet("control");
    std::string many;
    for (int i = 0; i < 1000; ++i) {
        attach::resize size;
        size.rows = 20 + i % 30;
        many += attach::encode(attach::type::resize, size);
    }
    attach::resize last;
    last.columns = 111;

    for (int i = 0; i < 200; ++i) send(many);
    send(attach::encode(attach::type::resize, last));

    REQUIRE(run_until(loop, [&] {
        read();
        return last_size() == 111;
    }));
    CHECK(seen.size() < 1 << 20);
}

TEST_CASE_FIXTURE(fixture, "a viewer is not let go for the length of what is replayed to it, and for what comes after it is") {
    replayed.assign(8 << 20, 'x');
    const std::string piece(64 << 10, 'y');
    greet();
    REQUIRE(run_until(loop, [&] { return !all.empty(); }));

    all.output(piece);
    CHECK_FALSE(all.empty());

    for (int i = 0; i < 8; ++i) all.output(piece);
    CHECK(all.empty());
}
