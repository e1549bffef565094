#include "supervisor/platform/shim_link.hpp"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <vector>

#include "os/process.hpp"
#include "os/socket.hpp"
#include "protocol/frame.hpp"

using namespace termd;
using namespace std::chrono_literals;
namespace shim = protocol::shim;

namespace {

// The shim's end of a conversation. It has the pid of this process, which will not end.
struct fixture {
    boost::asio::io_context loop;
    os::unique_fd far_end;
    bool disconnected = false;
    std::shared_ptr<platform::shim_link> link;

    fixture() {
        link = std::make_shared<platform::shim_link>(loop.get_executor(), ::getpid(),
                                                     os::open_pidfd(::getpid()), connection());
        platform::shim_link::callbacks on;
        on.disconnected = [this] { disconnected = true; };
        link->start("0000000000000000", std::move(on));
    }
    ~fixture() {
        link->close();
        loop.poll();
    }
    os::unique_fd connection() {
        auto ends = os::socket_pair();
        REQUIRE(ends.has_value());
        far_end = std::move(ends->second);
        return std::move(ends->first);
    }
    void run_until(const std::function<bool()>& done) {
        const auto until = std::chrono::steady_clock::now() + 10s;
        while (!done() && std::chrono::steady_clock::now() < until) loop.run_one_for(100ms);
        REQUIRE(done());
    }
    // What the shim has been asked so far.
    std::vector<shim::request> asked() {
        protocol::frame_reader frames;
        char bytes[4096];
        for (;;) {
            loop.poll();
            const auto got = ::recv(far_end.get(), bytes, sizeof bytes, MSG_DONTWAIT);
            if (got <= 0) break;
            frames.add({bytes, static_cast<std::size_t>(got)});
        }
        std::vector<shim::request> out;
        while (const auto frame = frames.next())
            if (const auto request = shim::decode_request(*frame)) out.push_back(*request);
        return out;
    }
};

}  // namespace

TEST_CASE("what is said while there is no connection is said in the next one, after the greeting") {
    fixture f;
    CHECK(f.asked().size() == 1);
    f.far_end.reset();
    f.run_until([&] { return f.disconnected; });
    shim::show words;
    words.text = "not lost";
    f.link->send(words);

    f.link->reconnect(f.connection());

    const auto asked = f.asked();
    REQUIRE(asked.size() == 2);
    CHECK(std::holds_alternative<shim::hello>(asked[0]));
    REQUIRE(std::holds_alternative<shim::show>(asked[1]));
    CHECK(std::get<shim::show>(asked[1]).text == "not lost");
}
