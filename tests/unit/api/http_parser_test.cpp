#include "supervisor/api/http_parser.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace termd;
using namespace termd::api;

namespace {

constexpr std::size_t header_bytes = 1024;
constexpr std::size_t body_bytes = 256;

// What came out, in words that can be compared: "GET /path {a:b} [body] close", "400".
std::string in_words(const parse_result& result) {
    if (const auto* failure = std::get_if<parse_failure>(&result))
        return std::to_string(failure->status) + " " + failure->detail;
    if (std::holds_alternative<need_more>(result)) return "more";
    const auto& [request, form] = std::get<parsed_request>(result);
    std::string out = request.method + " " + request.path + " {";
    for (const auto& [name, value] : request.headers) out += name + ":" + value + ";";
    out += "} [" + request.body + "]";
    if (form.head) out += " head";
    if (form.http_1_0) out += " 1.0";
    if (!form.keep_alive) out += " close";
    return out;
}

void take_all(http_parser& parser, std::vector<std::string>& out) {
    for (;;) {
        const auto result = parser.next();
        if (std::holds_alternative<need_more>(result)) return;
        out.push_back(in_words(result));
        if (std::holds_alternative<parse_failure>(result)) return;
    }
}

std::vector<std::string> parse_in_pieces(std::string_view bytes, std::size_t piece) {
    http_parser parser(header_bytes, body_bytes);
    std::vector<std::string> out;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        parser.feed(bytes.substr(at, piece));
        take_all(parser, out);
        if (!out.empty() && out.back().front() >= '4' && out.back().front() <= '5') break;
    }
    return out;
}

// Also checks that it does not matter how the bytes arrive.
std::vector<std::string> parse(std::string_view bytes) {
    const auto whole = parse_in_pieces(bytes, bytes.size());
    for (const std::size_t piece : {1, 2, 3, 7, 64}) {
        CAPTURE(bytes);
        CHECK(parse_in_pieces(bytes, piece) == whole);
    }
    return whole;
}

std::string first(std::string_view bytes) {
    const auto all = parse(bytes);
    return all.empty() ? "more" : all.front();
}

// The status of what is refused, "" for what is not.
std::string refusal(std::string_view bytes) {
    const auto word = first(bytes).substr(0, 3);
    return word.front() == '4' || word.front() == '5' ? word : "";
}

std::string with_headers(std::string_view headers, std::string_view rest = "") {
    return "POST / HTTP/1.1\r\nHost: termd\r\n" + std::string(headers) + "\r\n" + std::string(rest);
}

}  // namespace

TEST_CASE("a request without a body") {
    CHECK(first("GET /v1/status HTTP/1.1\r\nHost: termd\r\nX-One:  a b\t\r\n\r\n") ==
          "GET /v1/status {host:termd;x-one:a b;} []");
}

TEST_CASE("a request with a body of a stated length") {
    CHECK(first(with_headers("Content-Length: 5\r\n", "hello")) ==
          "POST / {content-length:5;host:termd;} [hello]");
    CHECK(first(with_headers("Content-Length: 0\r\n")) ==
          "POST / {content-length:0;host:termd;} []");
    CHECK(first(with_headers("Content-Length: 6\r\n", "hello")) == "more");
}

TEST_CASE("a chunked body is put together; extensions and trailers are read over") {
    const std::string chunked = "Transfer-Encoding: Chunked\r\n";
    const std::string parsed = "POST / {host:termd;transfer-encoding:Chunked;} [hello world]";
    CHECK(first(with_headers(chunked, "5\r\nhello\r\n006\r\n world\r\n0\r\n\r\n")) == parsed);
    CHECK(first(with_headers(
              chunked, "B ; a=\"x\"\r\nhello world\r\n0;b\r\nHost: other\r\n\r\n")) == parsed);
    CHECK(first(with_headers(chunked, "5\r\nhello\r\n0\r\n")) == "more");
}

TEST_CASE("a malformed chunked body is refused") {
    const std::string chunked = "Transfer-Encoding: chunked\r\n";
    for (const char* body :
         {"\r\n", "x\r\n", "-1\r\n", "0x5\r\nhello\r\n", "5 5\r\n", "5\nhello\n", "5 \r\n",
          "5\r\nhelloX\r\n", "5\r\nhello\n0\r\n\r\n", "5\r\nhello\r\n\r\n0\r\n\r\n",
          "0\r\nA: b\n\r\n", "5;\x01\r\nhello\r\n"})
        CHECK_MESSAGE(refusal(with_headers(chunked, body)) == "400", body);
    CHECK(refusal(with_headers(chunked, "1;" + std::string(2000, 'x'))) == "400");
    std::string trailers = "0\r\n";
    for (int i = 0; i < 100; ++i) trailers += "A: b\r\n";
    CHECK(refusal(with_headers(chunked, trailers)) == "400");
}

TEST_CASE("requests behind one another come out in their order") {
    const auto all = parse(
        "POST /a HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\n\r\nxy\r\n"
        "GET /b HTTP/1.1\r\nHost: t\r\n\r\n"
        "POST /c HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        "GET /d HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\nGET /e");
    REQUIRE(all.size() == 4);
    CHECK(all[0] == "POST /a {content-length:2;host:t;} [xy]");
    CHECK(all[1] == "GET /b {host:t;} []");
    CHECK(all[2] == "POST /c {host:t;transfer-encoding:chunked;} []");
    CHECK(all[3] == "GET /d {connection:close;host:t;} [] close");
}

TEST_CASE("HEAD is handled as GET") {
    CHECK(first("HEAD / HTTP/1.1\r\nHost: t\r\n\r\n") == "GET / {host:t;} [] head");
}

TEST_CASE("HTTP/1.0 closes unless it asks not to, and needs no Host") {
    CHECK(first("GET / HTTP/1.0\r\n\r\n") == "GET / {} [] 1.0 close");
    CHECK(first("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n") ==
          "GET / {connection:keep-alive;} [] 1.0");
}

TEST_CASE("repeated headers are joined") {
    CHECK(
        first("GET / HTTP/1.1\r\nHost: t\r\nA: 1\r\nCookie: x=1\r\na: 2\r\ncookie: y=2\r\n\r\n") ==
        "GET / {a:1, 2;cookie:x=1; y=2;host:t;} []");
}

TEST_CASE("two ways to tell where a body ends are refused") {
    CHECK(refusal(with_headers("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n")) == "400");
    CHECK(refusal(with_headers("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n")) == "400");
    CHECK(refusal(with_headers("Transfer-Encoding: gzip\r\nContent-Length: 0\r\n")) == "400");
    CHECK(refusal(with_headers("Content-Length: 1\r\nContent-Length: 2\r\n")) == "400");
    CHECK(refusal(with_headers("Content-Length: 1, 2\r\n")) == "400");
    CHECK(refusal(with_headers("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")) ==
          "400");
    CHECK(refusal(with_headers("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n")) ==
          "400");
    CHECK(refusal("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n") == "400");
}

TEST_CASE("a length that is no length is refused") {
    for (const char* length : {"", "-1", "+1", "1x", "0x1", "1 1", "99999999999999999999999"})
        CHECK_MESSAGE(
            refusal(with_headers("Content-Length: " + std::string(length) + "\r\n")) == "400",
            length);
}

TEST_CASE("a transfer coding that nobody knows is refused") {
    CHECK(refusal(with_headers("Transfer-Encoding: gzip\r\n")) == "501");
    CHECK(refusal(with_headers("Transfer-Encoding: gzip, chunked\r\n")) == "501");
    CHECK(refusal(with_headers("Transfer-Encoding: xchunked\r\n")) == "501");
    CHECK(refusal(with_headers("Transfer-Encoding:\r\n")) == "501");
}

TEST_CASE("there is exactly one Host") {
    CHECK(refusal("GET / HTTP/1.1\r\n\r\n") == "400");
    CHECK(refusal("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n") == "400");
    CHECK(refusal("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n") == "400");
    CHECK(refusal("GET / HTTP/1.1\r\nHost:\r\n\r\n").empty());
}

TEST_CASE("lines end with CR LF and are not folded") {
    for (const char* text :
         {"GET / HTTP/1.1\nHost: t\n\n", "GET / HTTP/1.1\r\nHost: t\n\r\n",
          "GET / HTTP/1.1\r\nHost: t\r\r\n\r\n", "\nGET / HTTP/1.1\r\nHost: t\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: t\rX: y\r\n\r\n", "GET / HTTP/1.1\r\nHost: t\r\n folded\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: t\r\n\tfolded\r\n\r\n", "GET / HTTP/1.1\r\n Host: t\r\n\r\n",
          "\rGET / HTTP/1.1\r\nHost: t\r\n\r\n"})
        CHECK_MESSAGE(refusal(text) == "400", text);
}

TEST_CASE("what is not HTTP is refused at its first wrong byte") {
    CHECK(refusal("\x16\x03\x01") == "400");  // TLS
    CHECK(refusal("GET /\rx") == "400");
    CHECK(refusal(std::string_view("GET /\0", 6)) == "400");
    CHECK(refusal("GET / HTTP/1.1\r\nHost: t\x7f") == "400");
    for (const char* text :
         {"GET /\r\n\r\n", "GET  / HTTP/1.1\r\n\r\n", "GET / \r\n\r\n", "GET\r\n\r\n",
          "G@T / HTTP/1.1\r\nHost: t\r\n\r\n", "GET / HTTP/1.1\r\nHost : t\r\n\r\n",
          "GET / HTTP/1.1\r\n: t\r\n\r\n", "GET / HTTP/1.1\r\nHost\r\n\r\n",
          "GET x HTTP/1.1\r\nHost: t\r\n\r\n", "GET /% HTTP/1.1\r\nHost: t\r\n\r\n"})
        CHECK_MESSAGE(refusal(text) == "400", text);
}

TEST_CASE("other versions are refused") {
    for (const char* version :
         {"HTTP/2.0", "HTTP/1.2", "HTTP/0.9", "HTTP/3.0", "http/1.1", "HTTP/1.10"})
        CHECK_MESSAGE(refusal("GET / " + std::string(version) + "\r\nHost: t\r\n\r\n") == "505",
                      version);
}

TEST_CASE("empty lines before a request are read over") {
    CHECK(first("\r\n\r\nGET / HTTP/1.1\r\nHost: t\r\n\r\n") == "GET / {host:t;} []");
    http_parser parser(header_bytes, body_bytes);
    parser.feed("\r\n");
    CHECK(std::holds_alternative<need_more>(parser.next()));
    CHECK(parser.empty());
}

TEST_CASE("a header up to its limit is read, a larger one refused") {
    const std::string frame = "GET / HTTP/1.1\r\nHost: t\r\nA: \r\n\r\n";
    auto with_size = [&](std::size_t size) {
        std::string text = frame;
        return text.insert(frame.size() - 4, std::string(size - frame.size(), 'x'));
    };
    CHECK(refusal(with_size(header_bytes)).empty());
    CHECK(refusal(with_size(header_bytes + 1)) == "431");
    CHECK(refusal(std::string(header_bytes + 1, 'x')) == "431");
    // The default limit of Beast is smaller than ours.
    http_parser wide(16 << 10, body_bytes);
    wide.feed(with_size(16 << 10));
    CHECK(std::holds_alternative<parsed_request>(wide.next()));
}

TEST_CASE("a body up to its limit is read, a larger one refused before it is read") {
    const std::string most(body_bytes, 'x');
    CHECK(refusal(with_headers("Content-Length: 256\r\n", most)).empty());
    CHECK(refusal(with_headers("Content-Length: 257\r\n")) == "413");
    CHECK(refusal(with_headers("Content-Length: 18446744073709551615\r\n")) == "413");
    const std::string chunked = "Transfer-Encoding: chunked\r\n";
    CHECK(refusal(with_headers(chunked, "100\r\n" + most + "\r\n0\r\n\r\n")).empty());
    CHECK(refusal(with_headers(chunked, "101\r\n")) == "413");
    CHECK(refusal(with_headers(chunked, "1\r\nx\r\n100\r\n")) == "413");
    CHECK(refusal(with_headers(chunked, "ffffffffffffffff\r\n")) == "413");
    CHECK(refusal(with_headers(chunked, "10000000000000000\r\n")) == "413");
}

TEST_CASE("an expectation is taken once, while the body is missing") {
    http_parser parser(header_bytes, body_bytes);
    parser.feed(with_headers("Content-Length: 2\r\nExpect: 100-Continue\r\n"));
    CHECK_FALSE(parser.take_expectation());
    CHECK(std::holds_alternative<need_more>(parser.next()));
    CHECK(parser.take_expectation());
    CHECK_FALSE(parser.take_expectation());
    parser.feed("ab");
    CHECK(std::holds_alternative<parsed_request>(parser.next()));
    CHECK_FALSE(parser.take_expectation());
    parser.feed(with_headers("Content-Length: 2\r\nExpect: 100-continue\r\n", "a"));
    CHECK(std::holds_alternative<need_more>(parser.next()));
    CHECK_FALSE(parser.take_expectation());
    CHECK(refusal(with_headers("Expect: money\r\n")) == "417");
}

TEST_CASE("a failure is final") {
    http_parser parser(header_bytes, body_bytes);
    parser.feed(with_headers("Content-Length: 257\r\n"));
    CHECK(std::holds_alternative<parse_failure>(parser.next()));
    parser.feed("GET / HTTP/1.1\r\nHost: t\r\n\r\n");
    CHECK(std::holds_alternative<parse_failure>(parser.next()));
}
