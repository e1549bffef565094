#include "supervisor/api/http_message.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>

using namespace termd;
using namespace termd::api;

namespace {

boost::json::object body_of(const http_response& response) {
    return boost::json::parse(response.body).as_object();
}

}  // namespace

TEST_CASE("a target is a path and a query, both decoded") {
    const auto plain = parse_target("/v1/sessions").value();
    CHECK(plain.path == "/v1/sessions");
    CHECK(plain.query.empty());

    const auto full =
        parse_target("/v1/a%20b%c3%BC?user=a+b&label=k%3Dv&now&x=1=2&&y=%2B%0a").value();
    CHECK(full.path == "/v1/a bü");
    CHECK(full.query ==
          std::map<std::string, std::string>{
              {"user", "a b"}, {"label", "k=v"}, {"now", ""}, {"x", "1=2"}, {"y", "+\n"}});
}

TEST_CASE("the absolute form that proxies use means the same") {
    CHECK(parse_target("http://termd/v1/status?a=1").value().path == "/v1/status");
    CHECK(parse_target("http://termd/v1/status?a=1").value().query.at("a") == "1");
    CHECK(parse_target("http://termd").value().path == "/");
    CHECK(parse_target("http://termd?a=1").value().path == "/");
}

TEST_CASE("a target that could mean two things is refused") {
    for (const char* target :
         {"",        "*",         "v1",    "termd:80",       "?a=1",    "https://termd/", "/a#b",
          "/%",      "/%4",       "/%zz",  "/%00",           "/%0d%0a", "/\x01",          "/a%2fb",
          "/%2F",    "/%ff",      "/\xff", "/%c0%80",        "/?a=%",   "/?a=%ff",        "/?a=%00",
          "/?%zz=1", "/?a=1&a=1", "/?a&a", "/?a%20b=1&a+b=2"})
        CHECK_MESSAGE(parse_target(target).has_error(), target);
    const auto twice = parse_target("/?user=a&user=b");
    REQUIRE(twice.has_error());
    CHECK(twice.error().code == errc::invalid_request);
    CHECK(twice.error().detail == "the query has \"user\" twice");
}

TEST_CASE("an answer carries its length and is not stored") {
    http_response response;
    response.status = 201;
    response.body = "{}";
    response.headers = {{"Location", "/v1/sessions/x"}};
    CHECK(response_text(response, {}) ==
          "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
          "Cache-Control: no-store\r\nLocation: /v1/sessions/x\r\n\r\n{}");
}

TEST_CASE("an answer to HEAD has the length of the body but no body") {
    http_response response;
    response.body = "12345";
    answer_form form;
    form.head = true;
    const auto text = response_text(response, form);
    CHECK(text.find("Content-Length: 5\r\n") != std::string::npos);
    CHECK(text.ends_with("\r\n\r\n"));
}

TEST_CASE("a 204 has neither body nor length") {
    http_response response;
    response.status = 204;
    response.body = "lost";
    CHECK(response_text(response, {}) ==
          "HTTP/1.1 204 No Content\r\nCache-Control: no-store\r\n\r\n");
}

TEST_CASE("whether the connection goes on is said where it is not the default") {
    answer_form form;
    CHECK(response_text({}, form).find("Connection:") == std::string::npos);
    form.http_1_0 = true;
    CHECK(response_text({}, form).find("Connection: keep-alive\r\n") != std::string::npos);
    form.keep_alive = false;
    CHECK(response_text({}, form).find("Connection: close\r\n") != std::string::npos);
}

TEST_CASE("a header value cannot split an answer") {
    http_response response;
    response.headers = {{"X-Termd-Attach", "a\r\nSet-Cookie: b\0c"}};
    CHECK(response_text(response, {}).find("X-Termd-Attach: a  Set-Cookie: b") !=
          std::string::npos);
}

TEST_CASE("a problem has the shape of RFC 9457") {
    const auto response = problem_response({errc::invalid_request, "no", {{"host", "missing"}}});
    CHECK(response.status == 400);
    CHECK(response.content_type == "application/problem+json");
    const auto body = body_of(response);
    CHECK(body.at("code").as_string() == "invalid_request");
    CHECK(body.at("errors").as_array().size() == 1);
}

TEST_CASE("a status becomes a problem, with the word of the API where there is one") {
    CHECK(body_of(problem_response(400)).at("code").as_string() == "invalid_request");
    CHECK(body_of(problem_response(413)).at("code").as_string() == "too_large");
    CHECK(body_of(problem_response(500)).at("code").as_string() == "internal");
    const auto late = problem_response(408, "slow");
    CHECK(late.status == 408);
    CHECK(body_of(late).at("status").as_int64() == 408);
    CHECK(body_of(late).at("code").as_string() == "request_timeout");
    CHECK(body_of(late).at("title").as_string() == "Request Timeout");
    CHECK(body_of(late).at("detail").as_string() == "slow");
    CHECK(body_of(problem_response(505)).at("code").as_string() == "http_version_not_supported");
}

TEST_CASE("every status that an error code has is one with a name") {
    for (const auto& row : errc_table()) CHECK_FALSE(reason_phrase(row.status).empty());
}
