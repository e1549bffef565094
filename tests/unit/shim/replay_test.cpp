#include "supervisor/shim/replay.hpp"

#include <doctest/doctest.h>

#include <random>

using termd::shim::replay;

namespace {

// The same without a ring: everything is kept, and cut only when somebody looks.
class naive_replay {
  public:
    explicit naive_replay(std::size_t capacity) : capacity_(capacity) {}
    void add(std::string_view output) { all_ += output; }
    std::string contents() const {
        if (all_.size() <= capacity_) return all_;
        auto out = all_.substr(all_.size() - capacity_);
        const auto line_end = out.find('\n');
        return line_end < 4096 ? out.substr(line_end + 1) : out;
    }

  private:
    std::size_t capacity_;
    std::string all_;
};

// Output of a terminal: mostly short, now and then far more than fits.
std::string some_output(std::mt19937& random, std::size_t capacity) {
    const std::size_t most = random() % 8 == 0 ? 3 * capacity + 2 : capacity / 3 + 2;
    std::string out(random() % most, ' ');
    const unsigned line_feeds = 1 + random() % 60;
    for (char& c : out)
        c = random() % line_feeds == 0 ? '\n' : static_cast<char>('a' + random() % 26);
    return out;
}

}  // namespace

TEST_CASE("a replay is the end of all that was written") {
    for (unsigned seed = 0; seed < 400; ++seed) {
        std::mt19937 random(seed);
        const std::size_t capacity = seed % 20 == 0 ? 10'000 : random() % 300;
        replay ring(capacity);
        naive_replay naive(capacity);
        for (int i = 0; i < 60; ++i) {
            const auto output = some_output(random, capacity);
            ring.add(output);
            naive.add(output);
            REQUIRE(ring.read().bytes == naive.contents());
        }
    }
}

TEST_CASE("a replay of no size keeps nothing") {
    replay ring(0);
    CHECK(ring.read().bytes.empty());
    ring.add("output\nmore");
    ring.add("");
    CHECK(ring.read().bytes.empty());
}

TEST_CASE("a replay that just fits is whole") {
    replay ring(8);
    ring.add("ab\ncd\ne");
    CHECK(ring.read().bytes == "ab\ncd\ne");
    ring.add("f");
    CHECK(ring.read().bytes == "ab\ncd\nef");
}

TEST_CASE("when older output was overwritten, the replay begins with a whole line") {
    replay ring(8);
    ring.add("ab\ncd\nefg");
    CHECK(ring.read().bytes == "cd\nefg");
    ring.add("\x1b[31m");
    CHECK(ring.read().bytes == "efg\x1b[31m");  // "\nefg" and 5 bytes more
    replay big_piece(4);
    big_piece.add("abcdef\ngh");
    CHECK(big_piece.read().bytes == "gh");
}

TEST_CASE("one long line is replayed as it is") {
    const std::string line(10'000, 'x');
    replay ring(6000);
    ring.add(line + "\n$ ");
    CHECK(ring.read().bytes == line.substr(0, 5997) + "\n$ ");
}

TEST_CASE("every byte goes through a replay unchanged") {
    std::string bytes;
    for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
    replay ring(1024);
    ring.add(bytes);
    ring.add(bytes);
    CHECK(ring.read().bytes == bytes + bytes);
}

TEST_CASE("a replay begins neither inside a sequence nor inside a character") {
    const std::string output = "abc\x1b[38;5;208mdef\x1b]2;a title\x07ghi\xe2\x82\xac\xf0\x9f\x98\x80jkl";
    const std::string ends[] = {"abc\x1b[38;5;208mdef", "\x1b]2;a title\x07", "ghi\xe2\x82\xac\xf0\x9f\x98\x80jkl"};
    for (std::size_t capacity = 1; capacity <= output.size(); ++capacity) {
        replay ring(capacity);
        for (const char c : output) ring.add({&c, 1});
        const auto bytes = ring.read().bytes;
        CAPTURE(capacity);
        CHECK(output.ends_with(bytes));
        const auto begin = output.size() - bytes.size();
        const bool in_colour = begin > 3 && begin < 14, in_title = begin > 17 && begin < 29;
        const bool in_character = begin == 33 || begin == 34 || (begin > 35 && begin < 39);
        CHECK_FALSE((in_colour || in_title || in_character));
    }
}

TEST_CASE("a replay begins in the modes that the overwritten output had set") {
    replay ring(16);
    ring.add("\x1b[?1049h\x1b[?1;2004h\x1b[?25l");
    ring.add(std::string(64, 'x'));
    const auto got = ring.read();
    CHECK(got.bytes == "\x1b[?1049h\x1b[?1h\x1b[?25l\x1b[?2004h" + std::string(16, 'x'));
    CHECK(got.full_screen);
    ring.add("\x1b[?1049l");
    CHECK_FALSE(ring.read().full_screen);
}

TEST_CASE("whoever reads a replay ends in the same modes as whoever has read everything") {
    using termd::shim::terminal_modes;
    const std::string pieces[] = {"\x1b[?1049h", "\x1b[?1049l", "\x1b[?1h",  "\x1b[?1l",  "\x1b[?25l",
                                  "\x1b[?25h",   "\x1b[?1002h", "\x1b[?1006;1000h", "\x1b[?1000l",
                                  "\x1b[?2004h", "\x1b[?2004l", "\x1b=",      "\x1b>",     "\x1b(0",
                                  "\x1b(B",      "\x0e",        "\x0f",       "\x1b" "c",  "\x1b[!p",
                                  "\x1b]0;t\x07", "\x1bP1$r\x1b\\", "text\n", "\xe2\x82\xac",
                                  "\x1b[31;1m",  "\x1b[?7l",    "\x1b[?7h",   "\x18",      "\x1b[?47h"};
    for (unsigned seed = 0; seed < 2000; ++seed) {
        std::mt19937 random(seed);
        replay ring(random() % 90);
        std::string all;
        for (int i = 0; i < 40; ++i) all += pieces[random() % std::size(pieces)];
        for (std::size_t at = 0; at < all.size();) {
            const auto some = std::min<std::size_t>(1 + random() % 20, all.size() - at);
            ring.add(std::string_view(all).substr(at, some));
            at += some;
        }
        terminal_modes whole, part;
        whole.read(all);
        part.read(ring.read().bytes);
        CAPTURE(seed);
        REQUIRE(part.restore() == whole.restore());
    }
}
