// Conversations of other versions: each file of tests/golden/protocol has one side of one, a frame
// a line. They are written by hand from the layout of frames and fields, and never changed.
#include <doctest/doctest.h>

#include <fstream>
#include <vector>

#include "protocol/shim_messages.hpp"

using namespace termd;
using namespace termd::protocol;
namespace messages = termd::protocol::shim;

namespace {

std::string from_hex(const std::string& text) {
    std::string out;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2)
        out += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
    return out;
}

std::vector<std::string> recorded(int version, const std::string& side) {
    std::ifstream file(std::string(TERMD_GOLDEN_PROTOCOL) + "/shim_version_" +
                       std::to_string(version) + "_" + side + ".hex");
    std::vector<std::string> out;
    for (std::string line; std::getline(file, line);) out.push_back(from_hex(line));
    REQUIRE_FALSE(out.empty());
    return out;
}

frame only_frame(const std::string& bytes, frame_reader& reader) {
    reader.add(bytes);
    const auto one = reader.next();
    REQUIRE(one.has_value());
    return *one;
}

template <class Message, class Decode>
std::vector<Message> read_all(const std::vector<std::string>& frames, Decode decode) {
    std::vector<Message> out;
    for (const auto& bytes : frames) {
        frame_reader reader;
        const auto message = decode(only_frame(bytes, reader));
        REQUIRE(message.has_value());
        out.push_back(*message);
    }
    return out;
}

// As the next version may send it: with a field that we do not know, first and last.
std::string with_unknown_fields(const std::string& bytes) {
    frame_reader reader;
    const auto one = only_frame(bytes, reader);
    const std::string unknown("\xC8\x00\x00\x00\x03new", 8);
    return make_frame(one.type, unknown + std::string(one.payload) + unknown);
}

// As the version before may have sent it: with its first `count` fields only.
std::string with_fewer_fields(const std::string& bytes, std::size_t count) {
    frame_reader reader;
    const auto one = only_frame(bytes, reader);
    std::size_t end = 0;
    for (; count > 0 && end < one.payload.size(); --count) {
        std::size_t length = 0;
        for (std::size_t i = 1; i <= 4; ++i)
            length = length << 8 | static_cast<unsigned char>(one.payload[end + i]);
        end += 5 + length;
    }
    return make_frame(one.type, one.payload.substr(0, end));
}

}  // namespace

TEST_CASE("every version that we say we speak has its recorded conversation") {
    for (int version = messages::oldest_version; version <= messages::version; ++version) {
        CAPTURE(version);
        const auto asked =
            read_all<messages::request>(recorded(version, "termd"), messages::decode_request);
        const auto told =
            read_all<messages::fact>(recorded(version, "shim"), messages::decode_fact);
        CHECK(std::get<messages::hello>(asked.front()).version == version);
        CHECK(std::get<messages::hello>(told.front()).version == version);
    }
}

TEST_CASE("two sides fit when there is a version that both speak") {
    const auto speaks = [](int oldest, int newest) {
        messages::hello them;
        them.version = newest;
        them.oldest = oldest;
        return messages::fits(them);
    };
    const int oldest = messages::oldest_version, newest = messages::version;
    CHECK(speaks(oldest, newest));
    CHECK(speaks(oldest - 1, oldest));
    CHECK(speaks(newest, newest + 1));
    CHECK_FALSE(speaks(oldest - 1, oldest - 1));
    CHECK_FALSE(speaks(newest + 1, newest + 1));
}

TEST_CASE("today's words are written as they were recorded") {
    for (const auto& bytes : recorded(messages::version, "termd")) {
        frame_reader reader;
        CHECK(messages::encode(*messages::decode_request(only_frame(bytes, reader))) == bytes);
    }
    for (const auto& bytes : recorded(messages::version, "shim")) {
        frame_reader reader;
        CHECK(messages::encode(*messages::decode_fact(only_frame(bytes, reader))) == bytes);
    }
}

TEST_CASE("a version-1 conversation means what it meant") {
    const auto asked = read_all<messages::request>(recorded(1, "termd"), messages::decode_request);
    const auto& start = std::get<messages::start>(asked.at(1));
    CHECK(start.command.argv == std::vector<std::string>{"ssh", "--", "db1"});
    CHECK(start.title == "a title");
    CHECK(start.deadline == boot_time{std::chrono::seconds{90}});
    CHECK(std::get<messages::stop>(asked.back()).text == "bye");
    const auto told = read_all<messages::fact>(recorded(1, "shim"), messages::decode_fact);
    CHECK(std::get<messages::worker_state>(told.at(2)).pid == 202);
    CHECK(std::get<messages::clients_state>(told.at(3)).attached.size() == 1);
    const auto& last = std::get<messages::command_state>(told.back());
    REQUIRE(last.exit.has_value());
    CHECK(last.exit->number == 7);
}

TEST_CASE("what a newer side adds is passed over") {
    for (const auto& bytes : recorded(messages::version, "shim")) {
        frame_reader before, after;
        const auto plain = messages::decode_fact(only_frame(bytes, before));
        const auto newer = messages::decode_fact(only_frame(with_unknown_fields(bytes), after));
        REQUIRE(newer.has_value());
        CHECK(messages::encode(*newer) == messages::encode(*plain));
    }
    frame_reader reader;
    CHECK_FALSE(messages::decode_fact(only_frame(make_frame(99, "new"), reader)).has_value());
    CHECK_FALSE(reader.broken());
}

TEST_CASE("what an older side leaves out has its default") {
    frame_reader reader;
    const auto older = with_fewer_fields(recorded(1, "termd").at(1), 11);
    const auto request = messages::decode_request(only_frame(older, reader));
    REQUIRE(request.has_value());
    const auto& start = std::get<messages::start>(*request);
    CHECK(start.ssh_log);
    CHECK(start.title.empty());
    CHECK(start.second_client == second_client::takeover);
}
