// The shim's side of the conversation with termd.
#include "supervisor/shim/control.hpp"

#include <unistd.h>

#include "helpers.hpp"
#include "os/socket.hpp"

using namespace termd;
using namespace termd::test;
namespace messages = protocol::shim;

namespace {

struct controlled {
    boost::asio::io_context loop;
    temporary_directory place;
    std::string path = place.path + "/control.sock";
    int greeted = 0;
    shim::control control{loop.get_executor(),
                          "k3v9q0w1x2y4z5a6",
                          {[this] { ++greeted; }, [](const messages::request&) {}, [] {}}};

    controlled() {
        auto listener = os::listen_unix(path, 0600, 64);
        REQUIRE(listener.has_value());
        control.listen(std::move(*listener));
    }
    os::unique_fd connect() {
        auto socket = os::connect_unix(path);
        REQUIRE(socket.has_value());
        run_ready(loop);
        return std::move(*socket);
    }
};

void say_hello(const os::unique_fd& socket, int version = messages::version) {
    messages::hello us;
    us.version = us.oldest = version;
    const auto bytes = messages::encode(messages::request(us));
    REQUIRE(::write(socket.get(), bytes.data(), bytes.size()) ==
            static_cast<ssize_t>(bytes.size()));
}

bool hung_up(const os::unique_fd& socket) {
    char byte = 0;
    return ::read(socket.get(), &byte, 1) == 0;
}

}  // namespace

// Under the address sanitizer this also was a use of freed memory.
TEST_CASE("connections that say nothing make way for termd, the oldest first") {
    controlled shim;
    std::vector<os::unique_fd> silent;
    for (int i = 0; i < 20; ++i) silent.push_back(shim.connect());
    CHECK(hung_up(silent.front()));
    CHECK(!hung_up(silent.back()));

    const auto termd = shim.connect();
    say_hello(termd);
    run_ready(shim.loop);

    CHECK(shim.greeted == 1);
    CHECK(!hung_up(termd));
}

TEST_CASE("a termd of no version that we speak is told ours, and the one that is there goes on") {
    controlled shim;
    const auto termd = shim.connect(), newer = shim.connect();
    say_hello(termd);
    run_ready(shim.loop);
    say_hello(newer, messages::version + 1);
    run_ready(shim.loop);

    char bytes[4096];
    const auto got = ::read(newer.get(), bytes, sizeof bytes);
    REQUIRE(got > 0);
    protocol::frame_reader frames;
    frames.add({bytes, static_cast<std::size_t>(got)});
    const auto frame = frames.next();
    REQUIRE(frame.has_value());
    const auto answer = messages::decode_fact(*frame);
    REQUIRE(answer.has_value());
    CHECK(std::get<messages::hello>(*answer).version == messages::version);
    CHECK(hung_up(newer));
    CHECK(shim.greeted == 1);
    REQUIRE(::read(termd.get(), bytes, sizeof bytes) > 0);  // its hello
    CHECK(!hung_up(termd));
}
