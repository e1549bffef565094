#include "protocol/shim_messages.hpp"

#include <doctest/doctest.h>

#include "tests/unit/protocol/any_message.hpp"

using namespace termd;
using namespace termd::protocol;
using test::filler;
using test::for_each_alternative;

namespace {

frame only_frame(frame_reader& reader, const std::string& bytes) {
    reader.add(bytes);
    const auto f = reader.next();
    REQUIRE(f.has_value());
    return *f;
}

std::optional<shim::request> decode_request(const std::string& bytes) {
    frame_reader reader;
    return shim::decode_request(only_frame(reader, bytes));
}
std::optional<shim::fact> decode_fact(const std::string& bytes) {
    frame_reader reader;
    return shim::decode_fact(only_frame(reader, bytes));
}

// Runs a check for every kind of message of a conversation, filled many times over.
template <class Variant, class Decode>
void everything_survives(Decode decode) {
    for_each_alternative<Variant>([&](auto empty) {
        for (unsigned seed = 0; seed < 200; ++seed) {
            auto message = empty;
            filler fill(seed);
            message.fields(fill);
            const Variant sent = message;
            const auto bytes = shim::encode(sent);
            const auto received = decode(bytes);
            REQUIRE(received.has_value());
            CHECK(received->index() == sent.index());
            CHECK(shim::encode(*received) == bytes);
        }
    });
}

template <class Variant, class Decode>
void unknown_words_are_refused(Decode decode) {
    int spoilt = 0;
    for_each_alternative<Variant>([&](auto empty) {
        for (unsigned seed = 0; seed < 20; ++seed) {
            filler counting(seed);
            auto counted = empty;
            counted.fields(counting);
            for (int word = 0; word < counting.words(); ++word)
                for (const int number : {-1, 99, 255, 1 << 30}) {
                    filler fill(seed);
                    fill.spoil_word(word, number);
                    auto message = empty;
                    message.fields(fill);
                    const auto bytes = shim::encode(Variant(message));
                    CHECK_MESSAGE(!decode(bytes), "message ", Variant(message).index() + 1);
                    ++spoilt;
                }
        }
    });
    CHECK(spoilt > 0);
}

}  // namespace

TEST_CASE("every request reads back as it was sent") {
    everything_survives<shim::request>(decode_request);
}

TEST_CASE("every fact reads back as it was told") { everything_survives<shim::fact>(decode_fact); }

TEST_CASE("a request with a word of a later vocabulary is refused") {
    unknown_words_are_refused<shim::request>(decode_request);
}

TEST_CASE("a fact with a word of a later vocabulary is refused") {
    unknown_words_are_refused<shim::fact>(decode_fact);
}

TEST_CASE("what termd asks arrives with its values") {
    shim::start m;
    m.command = {"/usr/bin/ssh", {"ssh", "--", "host"}, {"A=1", "B="}};
    m.worker = {"/usr/bin/ttyd", {"ttyd"}, {}};
    m.grants.resize(2);
    m.grants[1].as = role::view;
    m.grants[1].hash.fill(7);
    m.deadline = boot_time{std::chrono::seconds{90}};
    m.title = "a title";
    m.ssh_log = true;
    const auto received = decode_request(shim::encode(shim::request(m)));
    REQUIRE(received.has_value());
    const auto& got = std::get<shim::start>(*received);
    CHECK(got.command.argv == m.command.argv);
    CHECK(got.command.env == m.command.env);
    CHECK(got.worker.path == "/usr/bin/ttyd");
    REQUIRE(got.grants.size() == 2);
    CHECK(got.grants[1].as == role::view);
    CHECK(got.grants[1].hash == m.grants[1].hash);
    CHECK(got.deadline == m.deadline);
    CHECK(got.grace == milliseconds{5000});
    CHECK(got.title == "a title");
    CHECK(got.ssh_log);
}

TEST_CASE("what is not there is not invented") {
    shim::command_state running;
    running.pid = 5;
    const auto received = decode_fact(shim::encode(shim::fact(running)));
    REQUIRE(received.has_value());
    CHECK_FALSE(std::get<shim::command_state>(*received).exit.has_value());
    running.exit = shim::ended{};
    const auto ended = decode_fact(shim::encode(shim::fact(running)));
    REQUIRE(ended.has_value());
    REQUIRE(std::get<shim::command_state>(*ended).exit.has_value());
    CHECK(to_status(*std::get<shim::command_state>(*ended).exit) == exit_status{});
}

TEST_CASE("a signal stays a signal") {
    CHECK(shim::to_status({true, 9}) == exit_status{exit_status::kind::signal, 9});
    CHECK(shim::to_status({false, 9}) == exit_status{exit_status::kind::code, 9});
}

TEST_CASE("a type that nobody knows is not understood") {
    constexpr int requests = std::variant_size_v<shim::request>;
    constexpr int facts = std::variant_size_v<shim::fact>;
    for (const int type : {0, requests + 1, 100, 255})
        CHECK_FALSE(shim::decode_request({static_cast<std::uint8_t>(type), ""}).has_value());
    for (const int type : {0, facts + 1, 100, 255})
        CHECK_FALSE(shim::decode_fact({static_cast<std::uint8_t>(type), ""}).has_value());
}

TEST_CASE("the places of the messages are their types on the wire and stay") {
    CHECK(shim::request(shim::hello{}).index() == 0);
    CHECK(shim::request(shim::start{}).index() == 1);
    CHECK(shim::request(shim::start_worker{}).index() == 2);
    CHECK(shim::request(shim::stop{}).index() == 3);
    CHECK(shim::request(shim::set_deadline{}).index() == 4);
    CHECK(shim::request(shim::add_grant{}).index() == 5);
    CHECK(shim::request(shim::revoke_grants{}).index() == 6);
    CHECK(shim::request(shim::show{}).index() == 7);
    CHECK(shim::fact(shim::hello{}).index() == 0);
    CHECK(shim::fact(shim::command_state{}).index() == 1);
    CHECK(shim::fact(shim::worker_state{}).index() == 2);
    CHECK(shim::fact(shim::clients_state{}).index() == 3);
    CHECK(shim::fact(shim::input_state{}).index() == 4);
    CHECK(shim::fact(shim::log_line{}).index() == 5);
    CHECK(shim::fact(shim::token_refused{}).index() == 6);
    CHECK(shim::fact(shim::ending{}).index() == 7);
}

TEST_CASE("a message that was cut or is of wrong fields is not understood") {
    shim::stop m;
    m.text = "bye";
    const auto bytes = shim::encode(shim::request(m));
    const std::string_view payload = std::string_view(bytes).substr(5);
    CHECK(shim::decode_request({4, payload}).has_value());
    CHECK_FALSE(shim::decode_request({4, payload.substr(0, payload.size() - 1)}).has_value());
    CHECK_FALSE(shim::decode_request({4, "rubbish"}).has_value());
}
