#include "protocol/fields.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace termd;
using namespace termd::protocol;

namespace {

enum class colour { red, green = 7 };
enum class tiny : std::uint8_t { none, all = 255 };

struct part {
    std::string name;
    std::vector<int> numbers;
    bool operator==(const part&) const = default;
    template <class A>
    void fields(A& a) { a(1, name); a(2, numbers); }
};

// One of every kind that a message may have.
struct everything {
    int small = 5;
    std::int64_t large = -1;
    bool yes = false;
    colour as = colour::red;
    tiny little = tiny::none;
    std::string text = "default";
    milliseconds wait{250};
    boot_time at{};
    std::array<std::uint8_t, 32> hash{};
    part one;
    std::optional<int> maybe_number;
    std::optional<std::string> maybe_text;
    std::optional<boot_time> maybe_time;
    std::optional<part> maybe_part;
    std::vector<std::string> texts;
    std::vector<part> parts;
    bool operator==(const everything&) const = default;
    template <class A>
    void fields(A& a) {
        a(1, small); a(2, large); a(3, yes); a(4, as); a(5, little); a(6, text); a(7, wait);
        a(8, at); a(9, hash); a(10, one); a(11, maybe_number); a(12, maybe_text);
        a(13, maybe_time); a(14, maybe_part); a(15, texts); a(255, parts);
    }
};

everything a_full_one() {
    everything m;
    m.small = std::numeric_limits<int>::min();
    m.large = std::numeric_limits<std::int64_t>::max();
    m.yes = true;
    m.as = colour::green;
    m.little = tiny::all;
    m.text = std::string("zero \0 and \xff", 13);
    m.wait = milliseconds{-3};
    m.at = boot_time{std::chrono::nanoseconds{1'234'567'890'123}};
    for (std::size_t i = 0; i < m.hash.size(); ++i) m.hash[i] = static_cast<std::uint8_t>(255 - i);
    m.one = {"one", {1, -2, 3}};
    m.maybe_number = 0;
    m.maybe_text = "";
    m.maybe_time = boot_time{};
    m.maybe_part = part{};
    m.texts = {"", "a", ""};
    m.parts = {{}, {"p", {}}, {"", {0}}};
    return m;
}

struct nothing {
    template <class A>
    void fields(A&) {}
};

// Other readings of what another message wrote under tag 1.
template <class T>
struct only {
    T value{};
    template <class A>
    void fields(A& a) { a(1, value); }
};
template <class Read, class Written>
std::optional<Read> reread(const Written& value) {
    const auto message = from_fields<only<Read>>(to_fields(only<Written>{value}));
    if (!message) return std::nullopt;
    return message->value;
}

std::string raw_field(std::uint8_t tag, std::uint32_t length, std::string_view bytes) {
    std::string out(1, static_cast<char>(tag));
    for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(length >> shift));
    return out + std::string(bytes);
}

}  // namespace

TEST_CASE("every kind of field reads back as it was written") {
    CHECK(from_fields<everything>(to_fields(a_full_one())) == a_full_one());
    CHECK(from_fields<everything>(to_fields(everything{})) == everything{});
    CHECK(to_fields(nothing{}).empty());
}

TEST_CASE("a field is its tag, its length and its bytes") {
    CHECK(to_fields(only<std::string>{"ab"}) == raw_field(1, 2, "ab"));
    CHECK(to_fields(only<int>{258}) == raw_field(1, 8, std::string_view("\0\0\0\0\0\0\1\2", 8)));
    CHECK(to_fields(only<int>{-1}) == raw_field(1, 8, "\xff\xff\xff\xff\xff\xff\xff\xff"));
}

TEST_CASE("what is missing stays at its default") {
    CHECK(from_fields<everything>("") == everything{});
    everything wanted;
    wanted.small = 9;
    CHECK(from_fields<everything>(to_fields(only<int>{9})) == wanted);
}

TEST_CASE("tags that nobody knows are passed over, wherever they stand") {
    const auto known = to_fields(only<std::string>{"text"});
    const auto strange = raw_field(200, 3, "???") + raw_field(0, 0, "");
    for (const auto& payload : {strange + known, known + strange, strange + known + strange}) {
        const auto message = from_fields<only<std::string>>(payload);
        REQUIRE(message.has_value());
        CHECK(message->value == "text");
    }
    CHECK(from_fields<nothing>(to_fields(a_full_one())).has_value());
}

TEST_CASE("a payload that was cut inside a field is refused") {
    const auto whole = to_fields(a_full_one());
    std::size_t next_boundary = 0;
    int refused = 0;
    for (std::size_t have = 0; have < whole.size(); ++have) {
        const auto message = from_fields<everything>(whole.substr(0, have));
        CHECK(message.has_value() == (have == next_boundary));
        refused += message ? 0 : 1;
        if (have != next_boundary) continue;
        std::size_t length = 0;
        for (int i = 1; i <= 4; ++i)
            length =
                length << 8 | static_cast<std::uint8_t>(whole[have + static_cast<std::size_t>(i)]);
        next_boundary += 5 + length;
    }
    CHECK(refused > 0);
    CHECK(next_boundary == whole.size());
}

TEST_CASE("a length that points past the end is refused") {
    for (const std::uint32_t length : {3U, 0x7fffffffU, 0xffffffffU}) {
        CHECK_FALSE(from_fields<only<std::string>>(raw_field(1, length, "ab")).has_value());
        CHECK_FALSE(from_fields<only<int>>(raw_field(9, length, "ab")).has_value());
    }
}

TEST_CASE("a field of the wrong size for what it means is refused") {
    for (const std::size_t size : {0, 1, 4, 7, 9, 31, 33, 64}) {
        const auto payload =
            raw_field(1, static_cast<std::uint32_t>(size), std::string(size, '\1'));
        CHECK_FALSE(from_fields<only<int>>(payload).has_value());
        CHECK_FALSE(from_fields<only<bool>>(payload).has_value());
        CHECK_FALSE(from_fields<only<milliseconds>>(payload).has_value());
        CHECK_FALSE(from_fields<only<boot_time>>(payload).has_value());
        CHECK_FALSE(from_fields<only<std::optional<int>>>(payload).has_value());
        CHECK_FALSE(from_fields<only<std::vector<int>>>(payload).has_value());
        CHECK_FALSE(from_fields<only<std::array<std::uint8_t, 32>>>(payload).has_value());
        CHECK(from_fields<only<std::string>>(payload).has_value());
    }
}

TEST_CASE("a number that does not fit its field is refused") {
    constexpr std::int64_t least = std::numeric_limits<int>::min();
    constexpr std::int64_t most = std::numeric_limits<int>::max();
    CHECK(reread<int>(least) == least);
    CHECK(reread<int>(most) == most);
    for (const std::int64_t n : {least - 1, most + 1, std::int64_t{1} << 32,
                                 std::numeric_limits<std::int64_t>::min(),
                                 std::numeric_limits<std::int64_t>::max()}) {
        CHECK_FALSE(reread<int>(n).has_value());
        CHECK_FALSE(reread<colour>(n).has_value());
        CHECK_FALSE(reread<std::optional<int>>(n).has_value());
        CHECK_FALSE(reread<std::vector<int>>(n).has_value());
    }
    CHECK(reread<tiny>(std::int64_t{255}) == tiny::all);
    CHECK_FALSE(reread<tiny>(std::int64_t{256}).has_value());
    CHECK_FALSE(reread<tiny>(std::int64_t{-1}).has_value());
}

TEST_CASE("what is wrong inside a part makes the whole wrong") {
    const auto bad = raw_field(2, 3, "abc");  // numbers of three bytes
    CHECK_FALSE(from_fields<only<part>>(raw_field(1, 8, bad)).has_value());
    CHECK_FALSE(from_fields<only<std::optional<part>>>(raw_field(1, 8, bad)).has_value());
    CHECK_FALSE(from_fields<only<std::vector<part>>>(raw_field(1, 8, bad)).has_value());
    CHECK(from_fields<only<part>>(raw_field(3, 8, bad)).has_value());
}
