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
            REQUIRE(ring.contents() == naive.contents());
        }
    }
}

TEST_CASE("a replay of no size keeps nothing") {
    replay ring(0);
    CHECK(ring.contents().empty());
    ring.add("output\nmore");
    ring.add("");
    CHECK(ring.contents().empty());
}

TEST_CASE("a replay that just fits is whole") {
    replay ring(8);
    ring.add("ab\ncd\ne");
    CHECK(ring.contents() == "ab\ncd\ne");
    ring.add("f");
    CHECK(ring.contents() == "ab\ncd\nef");
}

TEST_CASE("when older output was overwritten, the replay begins with a whole line") {
    replay ring(8);
    ring.add("ab\ncd\nefg");
    CHECK(ring.contents() == "cd\nefg");
    ring.add("\x1b[31m");
    CHECK(ring.contents() == "efg\x1b[31m");  // "\nefg" and 5 bytes more
    replay big_piece(4);
    big_piece.add("abcdef\ngh");
    CHECK(big_piece.contents() == "gh");
}

TEST_CASE("one long line is replayed as it is") {
    const std::string line(10'000, 'x');
    replay ring(6000);
    ring.add(line + "\n$ ");
    CHECK(ring.contents() == line.substr(0, 5997) + "\n$ ");
}

TEST_CASE("every byte goes through a replay unchanged") {
    std::string bytes;
    for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
    replay ring(1024);
    ring.add(bytes);
    ring.add(bytes);
    CHECK(ring.contents() == bytes + bytes);
}
