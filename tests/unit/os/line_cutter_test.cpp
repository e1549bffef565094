#include "os/line_cutter.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <random>
#include <vector>

using namespace termd;
using os::line_cutter;
using lines = std::vector<std::string>;

namespace {

constexpr std::size_t longest = line_cutter::longest_line;
constexpr int budget = line_cutter::lines_per_second;
constexpr boot_time start{std::chrono::seconds{1000}};

class cutter {
  public:
    cutter& add(std::string_view bytes) {
        cutter_.add(bytes, now, [this](std::string line) { out.push_back(std::move(line)); });
        return *this;
    }
    cutter& finish() {
        cutter_.finish(now, [this](std::string line) { out.push_back(std::move(line)); });
        return *this;
    }
    lines taken() { return std::exchange(out, {}); }

    boot_time now = start;

  private:
    line_cutter cutter_;
    lines out;
};

std::string many(int count, const std::string& line = "line\n") {
    std::string out;
    for (int i = 0; i < count; ++i) out += line;
    return out;
}

long peak_memory_in_kilobytes() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    return used.ru_maxrss;
}

}  // namespace

TEST_CASE("lines come out whole, however the bytes are cut") {
    const std::string text =
        "first\r\n\nsecond ünï\n\r\n\x1b[31mthird\n" + std::string(3000, 'x') + "\nlast\n";
    const lines wanted{"first", "second ünï", "\\x1b[31mthird", std::string(longest, 'x'), "last"};
    CHECK(cutter().add(text).taken() == wanted);
    std::mt19937 random(1);
    for (int round = 0; round < 200; ++round) {
        cutter c;
        for (std::string_view rest = text; !rest.empty();) {
            const auto piece = rest.substr(0, 1 + random() % (round % 2 == 0 ? 5 : 2000));
            c.add(piece);
            rest.remove_prefix(piece.size());
        }
        CHECK(c.taken() == wanted);
    }
}

TEST_CASE("a line waits for its line feed") {
    cutter c;
    CHECK(c.add("half").taken().empty());
    CHECK(c.add(" a line").taken().empty());
    CHECK(c.add("\nnext").taken() == lines{"half a line"});
}

TEST_CASE("last words without a line feed are not lost") {
    cutter c;
    CHECK(c.add("first\nand then it di").finish().taken() == lines{"first", "and then it di"});
    CHECK(c.finish().taken().empty());
}

TEST_CASE("a line may end as on other systems, and an empty one is none") {
    CHECK(cutter().add("a\r\nb\r\r\n\r\n\n\nc\n").taken() == lines{"a", "b\\x0d", "c"});
}

TEST_CASE("a line can neither move a cursor nor forge another one") {
    CHECK(cutter().add("\x1b[2Ja\rb\tc\\n\x9b\n").taken() ==
          lines{"\\x1b[2Ja\\x0db\\x09c\\\\n\\x9b"});
    CHECK(cutter().add(std::string_view("a\0b\n", 4)).taken() == lines{"a\\x00b"});
}

TEST_CASE("a long line is cut") {
    for (const std::size_t size : {longest - 1, longest, longest + 1, 10 * longest}) {
        const auto out = cutter().add(std::string(size, 'y') + "\n").taken();
        REQUIRE(out.size() == 1);
        CHECK(out[0] == std::string(std::min(size, longest), 'y'));
    }
    const auto escaped = cutter().add(std::string(longest, '\1') + "\n").taken();
    REQUIRE(escaped.size() == 1);
    CHECK(escaped[0].size() <= longest + std::string("…").size());
    CHECK(escaped[0].starts_with("\\x01\\x01"));
    CHECK(escaped[0].ends_with("…"));
}

TEST_CASE("more lines than the budget of a second are dropped and counted") {
    cutter c;
    CHECK(c.add(many(100)).taken() == lines(budget, "line"));
    c.now = start + std::chrono::milliseconds{999};
    CHECK(c.add(many(3)).taken().empty());
    c.now = start + std::chrono::seconds{1};
    CHECK(c.add("again\n").taken() ==
          lines{"dropped " + std::to_string(100 - budget + 3) + " lines", "again"});
    CHECK(c.add("more\n").taken() == lines{"more"});
}

TEST_CASE("every second has its own budget") {
    cutter c;
    for (int second = 0; second < 5; ++second) {
        c.now = start + std::chrono::seconds{second};
        CHECK(c.add(many(budget)).taken() == lines(budget, "line"));
    }
}

TEST_CASE("a log may have a larger budget") {
    line_cutter wide(100);
    int passed = 0;
    wide.add(many(150), start, [&](const std::string&) { ++passed; });
    CHECK(passed == 100);
}

TEST_CASE("a flood of lines costs as many as the budget allows") {
    cutter c;
    std::size_t passed = 0;
    for (int piece = 0; piece < 1000; ++piece) {
        c.now = start + std::chrono::milliseconds{10 * piece};  // ten seconds
        passed += c.add(many(1000)).taken().size();
    }
    CHECK(passed == 10 * budget + 9);  // and the nine times that something was said to be dropped
}

TEST_CASE("gigabytes without a line feed cost no memory") {
    cutter c;
    const std::string piece(32 << 20, 'z');
    c.add(piece);
    const auto before = peak_memory_in_kilobytes();
    for (int i = 0; i < 64; ++i) c.add(piece);
    CHECK(peak_memory_in_kilobytes() - before < 1024);
    CHECK(c.add("\nnext\n").taken() == lines{std::string(longest, 'z'), "next"});
}
