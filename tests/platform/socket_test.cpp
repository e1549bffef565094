#include "os/socket.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/file.hpp"
#include "tests/platform/helpers.hpp"

using namespace termd;
using namespace termd::test;

namespace {

struct fixture {
    temporary_directory here;
    std::string path = here.path + "/s";
    mode_t mode() const {
        struct stat about{};
        REQUIRE(::lstat(path.c_str(), &about) == 0);
        return about.st_mode & 0777U;
    }
};

}  // namespace

TEST_CASE_FIXTURE(fixture, "who connects is heard, and known by pid and uid") {
    const auto listener = os::listen_unix(path, 0600).value();
    const auto client = os::connect_unix(path).value();
    const os::unique_fd accepted(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    REQUIRE(accepted);
    REQUIRE(::write(client.get(), "hello", 5) == 5);
    char text[5];
    CHECK(::read(accepted.get(), text, sizeof text) == 5);
    CHECK(std::string_view(text, 5) == "hello");
    const auto peer = os::peer_credentials(accepted.get());
    REQUIRE(peer.has_value());
    CHECK(peer->pid == ::getpid());
    CHECK(peer->uid == ::geteuid());
    for (const auto* fd : {&listener, &client}) {
        CHECK((::fcntl(fd->get(), F_GETFL) & O_NONBLOCK) != 0);
        CHECK((::fcntl(fd->get(), F_GETFD) & FD_CLOEXEC) != 0);
    }
}

TEST_CASE_FIXTURE(fixture, "a socket has its mode from the start, and the umask of the process stays") {
    const auto before = ::umask(0027);
    const auto listener = os::listen_unix(path, 0660).value();
    CHECK(::umask(before) == 0027);
    CHECK(mode() == 0660);
}

TEST_CASE_FIXTURE(fixture, "a socket on which nobody listens is replaced, one on which somebody does is not") {
    auto first = os::listen_unix(path, 0600);
    REQUIRE(first.has_value());
    CHECK(os::listen_unix(path, 0600).error().detail == "somebody listens on " + path + " already");
    CHECK(os::connect_unix(path).has_value());
    first->reset();
    CHECK(os::connect_unix(path).error().detail ==
          "cannot connect to " + path + ": Connection refused");
    CHECK(os::listen_unix(path, 0600).has_value());
}

TEST_CASE_FIXTURE(fixture, "a socket knows where it was bound") {
    CHECK(os::bound_path(os::listen_unix(path, 0600).value().get()) == path);
    const auto ends = os::socket_pair().value();
    CHECK(os::bound_path(ends.first.get()).empty());
    CHECK(os::bound_path(os::listen_tcp("127.0.0.1", 0).value().get()).empty());
}

TEST_CASE_FIXTURE(fixture, "a file that is no socket stays") {
    REQUIRE(os::write_file(path, "precious").has_value());
    CHECK(os::listen_unix(path, 0600).error().detail == path + " is there and is no socket");
    CHECK(os::read_file(path, 100) == "precious");
    std::filesystem::remove(path);
    std::filesystem::create_symlink(here.path + "/elsewhere", path);
    CHECK(os::listen_unix(path, 0600).has_error());
    CHECK_FALSE(std::filesystem::exists(here.path + "/elsewhere"));
}

TEST_CASE_FIXTURE(fixture, "a path that no socket can have is told") {
    const auto longest = here.path + "/" + std::string(107 - here.path.size() - 1, 'x');
    CHECK(os::listen_unix(longest, 0600).has_value());
    CHECK(os::connect_unix(longest + "x").error().detail == longest + "x: File name too long");
    CHECK(os::listen_unix(longest + "x", 0600).error().detail == longest + "x: File name too long");
    CHECK(os::connect_unix(path).error().detail ==
          "cannot connect to " + path + ": No such file or directory");
    CHECK(os::listen_unix(here.path + "/none/s", 0600).has_error());
}
