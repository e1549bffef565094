// Bytes in, requests out: the wrapper around Beast's parser, which is fed by hand and sees the
// head of a request only once all of it is there. Stricter than Beast: bare line feeds, folded
// lines, control characters, a missing or second Host, ambiguous lengths are refused. The results
// do not depend on how the bytes were split. No sockets and no clock.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "supervisor/api/http_message.hpp"

namespace termd::api {

struct need_more {};

struct parsed_request {
    http_request request;  // without `from`
    answer_form form;
};

// The request cannot be understood, and neither can anything behind it.
struct parse_failure {
    int status;  // 400, 413, 417, 431, 501, 505
    std::string detail;
};

using parse_result = std::variant<need_more, parsed_request, parse_failure>;

class http_parser {
  public:
    http_parser(std::size_t header_bytes, std::size_t body_bytes);
    ~http_parser();
    http_parser(const http_parser&) = delete;
    http_parser& operator=(const http_parser&) = delete;

    // Bytes behind the end of a request are kept for the next one.
    void feed(std::string_view bytes);
    // The next request among what was fed. A failure is final.
    parse_result next();
    // Nothing of a request is here.
    bool empty() const;
    // The client waits for "100 Continue" before it sends the body; says so once.
    bool take_expectation();

  private:
    class impl;
    std::unique_ptr<impl> impl_;
};

}  // namespace termd::api
