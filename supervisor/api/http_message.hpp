// The text of HTTP messages: what a request asks for, how an answer is written. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "common/result.hpp"
#include "supervisor/api/http.hpp"

namespace termd::api {

struct request_target {
    std::string path;
    std::map<std::string, std::string> query;
};

// "/v1/sessions?user=a%20b", or the absolute form that is meant for proxies ("http://termd/v1").
// Refused (errc::invalid_request): bad escapes, what is not UTF-8 once decoded, an escaped slash
// (it would move the borders between segments), control characters in the path, zero bytes, a
// fragment, a name given twice. "+" is a space in the query, as HTML forms write it.
result<request_target> parse_target(std::string_view target);

// How the answer to one request has to be written.
struct answer_form {
    bool keep_alive = true;  // the connection goes on after it
    bool head = false;       // the length of the body, but not the body
    bool http_1_0 = false;   // says that the connection goes on; later versions take it for granted
};

std::string_view reason_phrase(int status);  // "Not Found"; "" for a status that is not known

// The whole message; of a streamed one the head. Content-Length (not with 1xx, 204, RFC 9110 §8.6),
// Cache-Control and Connection are added; control characters in header values become spaces.
std::string response_text(const http_response& response, const answer_form& form);

// One piece of a chunked body (RFC 9112 §7.1); an empty one ends it.
std::string chunk(std::string_view bytes);

// RFC 9457 problems.
http_response problem_response(const error& problem);
// For a status: with the code of its errc where one fits, otherwise with a code made of the
// reason phrase ("request_timeout").
http_response problem_response(int status, std::string_view detail = {});

}  // namespace termd::api
