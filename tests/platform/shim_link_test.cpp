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
    int told = 0;
    std::string unfit;
    std::shared_ptr<platform::shim_link> link;

    fixture() {
        link = std::make_shared<platform::shim_link>(loop.get_executor(), ::getpid(),
                                                     os::open_pidfd(::getpid()), connection());
        platform::shim_link::callbacks on;
        on.disconnected = [this] { disconnected = true; };
        on.told = [this](const shim::fact&) { ++told; };
        on.unfit = [this](const std::string& why) { unfit = why; };
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
    void tell(const shim::fact& fact) {
        const auto bytes = shim::encode(fact);
        REQUIRE(::write(far_end.get(), bytes.data(), bytes.size()) ==
                static_cast<ssize_t>(bytes.size()));
    }
    void say_hello(int version, const std::string& session) {
        shim::hello us;
        us.version = us.oldest = version;
        us.session = session;
        tell(us);
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

shim::show words(const std::string& text) {
    shim::show out;
    out.text = text;
    return out;
}

}  // namespace

TEST_CASE("nothing but the greeting is said before the shim has said hello") {
    fixture f;
    f.link->send(words("held back"));
    CHECK(f.asked().size() == 1);
    f.say_hello(shim::version, "0000000000000000");
    const auto asked = f.asked();
    REQUIRE(asked.size() == 1);
    CHECK(std::get<shim::show>(asked[0]).text == "held back");
}

TEST_CASE("what is said while there is no connection is said in the next one, after the greeting") {
    fixture f;
    f.say_hello(shim::version, "0000000000000000");
    CHECK(f.asked().size() == 1);
    f.far_end.reset();
    f.run_until([&] { return f.disconnected; });
    f.link->send(words("not lost"));

    f.link->reconnect(f.connection());
    f.say_hello(shim::version, "0000000000000000");

    const auto asked = f.asked();
    REQUIRE(asked.size() == 2);
    CHECK(std::holds_alternative<shim::hello>(asked[0]));
    REQUIRE(std::holds_alternative<shim::show>(asked[1]));
    CHECK(std::get<shim::show>(asked[1]).text == "not lost");
}

TEST_CASE("a shim that does not fit is told nothing, and nothing that it tells is heard") {
    const auto newer = std::to_string(shim::version + 1);
    for (const auto& [version, session, why] :
         {std::tuple(shim::version + 1, "0000000000000000", "its shim speaks version " + newer),
          std::tuple(shim::version, "1111111111111111",
                     std::string("its shim is that of session 1111111111111111"))}) {
        fixture f;
        f.link->send(words("never said"));
        f.say_hello(version, session);
        f.tell(shim::worker_state{});
        f.run_until([&] { return !f.unfit.empty(); });
        CHECK(f.unfit.starts_with(why));
        CHECK(f.asked().size() == 1);
        CHECK(f.told == 0);
    }
}
