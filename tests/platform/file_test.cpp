#include "os/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "os/unique_fd.hpp"
#include "tests/platform/helpers.hpp"

using namespace termd;
using namespace termd::test;

namespace {

constexpr std::size_t plenty = 1 << 20;

mode_t mode_of(const std::string& path) {
    struct stat about{};
    REQUIRE(::lstat(path.c_str(), &about) == 0);
    return about.st_mode & 07777U;
}

std::vector<std::string> names_in(const std::string& directory) {
    std::vector<std::string> out;
    for (const auto& entry : std::filesystem::directory_iterator(directory))
        out.push_back(entry.path().filename().string());
    return out;
}

struct fixture {
    temporary_directory here;
    std::string at(const std::string& name) const { return here.path + "/" + name; }
};

}  // namespace

TEST_CASE_FIXTURE(fixture, "a file reads back as it was written, and is private") {
    const auto before = ::umask(0);
    const std::string content("zero \0 and \xff\n", 13);
    CHECK(os::write_file(at("f"), content).has_value());
    ::umask(before);
    CHECK(os::read_file(at("f"), plenty) == content);
    CHECK(mode_of(at("f")) == 0600);
    CHECK(os::write_file(at("f"), "").has_value());
    CHECK(os::read_file(at("f"), plenty) == "");
    CHECK(os::write_file(at("public"), "", 0644).has_value());
    CHECK(mode_of(at("public")) == 0644);
    CHECK(names_in(here.path).size() == 2);
}

TEST_CASE_FIXTURE(fixture, "a reader sees the old file or the new one, never a part") {
    const std::string old_one(70'000, 'o'), new_one(40'000, 'n');
    REQUIRE(os::write_file(at("f"), old_one).has_value());
    std::atomic<bool> done = false;
    std::atomic<int> reads = 0, torn = 0;
    std::thread reader([&] {
        while (!done) {
            const auto seen = os::read_file(at("f"), plenty);
            if (seen != old_one && seen != new_one) ++torn;
            ++reads;
        }
    });
    int round = 0;
    CHECK(eventually([&] {
        for (int i = 0; i < 20; ++i)
            REQUIRE(os::write_file(at("f"), round++ % 2 == 0 ? new_one : old_one).has_value());
        return reads > 200;
    }));
    done = true;
    reader.join();
    CHECK(torn == 0);
}

TEST_CASE_FIXTURE(fixture, "a file that cannot be put in place leaves nothing behind and says why") {
    std::filesystem::create_directory(at("directory"));
    const auto written = os::write_file(at("directory"), "x");
    REQUIRE(written.has_error());
    CHECK(written.error().detail == "cannot write " + at("directory") + ": Is a directory");
    CHECK(names_in(here.path) == std::vector<std::string>{"directory"});
    CHECK(os::write_file(at("none/f"), "x").error().detail ==
          "cannot write " + at("none/f.new") + ": No such file or directory");
}

TEST_CASE_FIXTURE(fixture, "a link is replaced, not followed") {
    REQUIRE(os::write_file(at("precious"), "precious").has_value());
    std::filesystem::create_symlink(at("precious"), at("link"));
    CHECK(os::write_file(at("link"), "new").has_value());
    CHECK(os::read_file(at("link"), plenty) == "new");
    CHECK_FALSE(std::filesystem::is_symlink(at("link")));
    std::filesystem::create_symlink(at("precious"), at("trap.new"));
    CHECK(os::write_file(at("trap"), "new").has_error());
    CHECK(os::read_file(at("precious"), plenty) == "precious");
}

TEST_CASE_FIXTURE(fixture, "a file that is missing or too large reads as nothing") {
    CHECK_FALSE(os::read_file(at("none"), plenty).has_value());
    CHECK_FALSE(os::read_file(here.path, plenty).has_value());
    REQUIRE(os::write_file(at("f"), std::string(40'000, 'x')).has_value());
    CHECK(os::read_file(at("f"), 40'000).has_value());
    CHECK_FALSE(os::read_file(at("f"), 39'999).has_value());
}

TEST_CASE_FIXTURE(fixture, "what is no regular file reads as nothing, and is not waited for") {
    REQUIRE(os::write_file(at("f"), "content").has_value());
    std::filesystem::create_symlink(at("f"), at("link"));
    CHECK_FALSE(os::read_file(at("link"), plenty).has_value());
    REQUIRE(::mkfifo(at("pipe").c_str(), 0600) == 0);
    CHECK_FALSE(os::read_file(at("pipe"), plenty).has_value());
}

TEST_CASE("a file of /proc, which has no size, reads whole") {
    const auto status = os::read_file("/proc/self/status", plenty);
    REQUIRE(status.has_value());
    CHECK(status->find("Name:") == 0);
}

TEST_CASE_FIXTURE(fixture, "a private directory is made, or taken when it is one") {
    const auto before = ::umask(0);
    CHECK(os::ensure_private_directory(at("d"), 0700).has_value());
    ::umask(before);
    CHECK(mode_of(at("d")) == 0700);
    CHECK(os::ensure_private_directory(at("d"), 0700).has_value());
    ::chmod(at("d").c_str(), 0755);
    CHECK(os::ensure_private_directory(at("d"), 0755).has_value());
}

TEST_CASE_FIXTURE(fixture, "a directory that is none, or a link to one, is refused") {
    const auto problem = [&](const std::string& name) {
        const auto made = os::ensure_private_directory(at(name), 0700);
        return made ? "" : made.error().detail.substr(at(name).size());
    };
    REQUIRE(os::write_file(at("file"), "").has_value());
    std::filesystem::create_directory(at("real"));
    std::filesystem::create_directory_symlink(at("real"), at("link"));
    std::filesystem::create_directory_symlink(at("none"), at("dangling"));
    CHECK(problem("file") == " is not a directory");
    CHECK(problem("link") == " is not a directory");
    CHECK(problem("dangling") == " is not a directory");
    CHECK(os::ensure_private_directory(at("none/below"), 0700).error().detail ==
          "cannot make the directory " + at("none/below") + ": No such file or directory");
}

TEST_CASE_FIXTURE(fixture, "a directory that others can write to is refused") {
    std::filesystem::create_directory(at("d"));
    for (const mode_t mode : {0720, 0702, 0777, 01777}) {
        ::chmod(at("d").c_str(), mode);
        const auto made = os::ensure_private_directory(at("d"), 0700);
        REQUIRE(made.has_error());
        CHECK(made.error().detail == at("d") + " is writable for others");
    }
}

TEST_CASE_FIXTURE(fixture, "a directory of somebody else is refused") {
    std::string theirs = "/";  // root's
    if (::geteuid() == 0) {
        theirs = at("d");
        std::filesystem::create_directory(theirs);
        REQUIRE(::chown(theirs.c_str(), 12345, 12345) == 0);
    }
    const auto made = os::ensure_private_directory(theirs, 0700);
    REQUIRE(made.has_error());
    CHECK(made.error().detail == theirs + " belongs to another user");
}

TEST_CASE_FIXTURE(fixture, "a tree is removed with its links, but not with what they lead to") {
    std::filesystem::create_directories(at("tree/a/b"));
    REQUIRE(os::write_file(at("tree/a/b/f"), "").has_value());
    REQUIRE(os::write_file(at("precious"), "").has_value());
    std::filesystem::create_symlink(at("precious"), at("tree/link"));
    std::filesystem::create_directory_symlink(here.path, at("tree/a/up"));
    REQUIRE(::mkfifo(at("tree/fifo").c_str(), 0600) == 0);
    CHECK(os::remove_tree(at("tree")));
    CHECK(names_in(here.path) == std::vector<std::string>{"precious"});
    CHECK(os::remove_tree(at("tree")));  // gone it is
}
