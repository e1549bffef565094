#include "supervisor/api/http_message.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <optional>

#include "common/text.hpp"
#include "protocol/session_view.hpp"

namespace termd::api {
namespace {

namespace json = boost::json;

struct status_row {
    int status;
    std::string_view reason;
    std::optional<errc> code;  // what it is called as a problem, when the API has a word for it
};

constexpr std::array statuses{
    status_row{100, "Continue", {}},
    status_row{101, "Switching Protocols", {}},
    status_row{200, "OK", {}},
    status_row{201, "Created", {}},
    status_row{202, "Accepted", {}},
    status_row{204, "No Content", {}},
    status_row{400, "Bad Request", errc::invalid_request},
    status_row{401, "Unauthorized", errc::unauthorized},
    status_row{403, "Forbidden", errc::forbidden},
    status_row{404, "Not Found", errc::not_found},
    status_row{405, "Method Not Allowed", errc::method_not_allowed},
    status_row{408, "Request Timeout", {}},
    status_row{409, "Conflict", {}},
    status_row{413, "Content Too Large", errc::too_large},
    status_row{417, "Expectation Failed", {}},
    status_row{426, "Upgrade Required", {}},
    status_row{429, "Too Many Requests", {}},
    status_row{431, "Request Header Fields Too Large", {}},
    status_row{500, "Internal Server Error", errc::internal},
    status_row{501, "Not Implemented", {}},
    status_row{502, "Bad Gateway", {}},
    status_row{503, "Service Unavailable", {}},
    status_row{504, "Gateway Timeout", errc::timeout},
    status_row{505, "HTTP Version Not Supported", {}},
};

const status_row* find_status(int status) {
    const auto row = std::find_if(statuses.begin(), statuses.end(),
                                  [&](const status_row& s) { return s.status == status; });
    return row == statuses.end() ? nullptr : &*row;
}

std::string as_code(std::string_view phrase) {
    std::string out;
    for (const char c : phrase) out += c == ' ' ? '_' : c >= 'A' && c <= 'Z' ? char(c + 32) : c;
    return out;
}

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

std::optional<std::string> percent_decode(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const auto plain = text.substr(0, text.find('%'));
        out += plain;
        text.remove_prefix(plain.size());
        if (text.empty()) break;
        const int high = text.size() > 2 ? hex_digit(text[1]) : -1;
        const int low = text.size() > 2 ? hex_digit(text[2]) : -1;
        if (high < 0 || low < 0) return std::nullopt;
        out += static_cast<char>(high * 16 + low);
        text.remove_prefix(3);
    }
    if (!is_valid_utf8(out)) return std::nullopt;
    return out;
}

std::optional<std::string> decode_path(std::string_view text) {
    auto path = percent_decode(text);
    if (!path || std::any_of(path->begin(), path->end(), is_control)) return std::nullopt;
    const bool slash_was_escaped =
        std::count(path->begin(), path->end(), '/') != std::count(text.begin(), text.end(), '/');
    if (slash_was_escaped) return std::nullopt;
    return path;
}

std::optional<std::string> decode_query_word(std::string_view text) {
    std::string spaced(text);
    std::replace(spaced.begin(), spaced.end(), '+', ' ');
    auto word = percent_decode(spaced);
    if (word && word->find('\0') != std::string::npos) return std::nullopt;
    return word;
}

error bad_target(std::string detail) {
    return {errc::invalid_request, std::move(detail)};
}

result<std::map<std::string, std::string>> parse_query(std::string_view text) {
    std::map<std::string, std::string> out;
    while (!text.empty()) {
        const auto pair = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(text.size(), pair.size() + 1));
        if (pair.empty()) continue;
        const auto equals = std::min(pair.find('='), pair.size());
        auto name = decode_query_word(pair.substr(0, equals));
        auto value = decode_query_word(pair.substr(std::min(equals + 1, pair.size())));
        if (!name || !value) return bad_target("the query is not valid percent-encoded UTF-8");
        if (out.contains(*name))
            return bad_target("the query has \"" + escape_untrusted(*name, 64) + "\" twice");
        out.emplace(std::move(*name), std::move(*value));
    }
    return out;
}

// What is left of an absolute form without scheme and authority: "/path?query".
std::string_view origin_form(std::string_view target) {
    constexpr std::string_view scheme = "http://";
    if (!target.starts_with(scheme)) return target;
    target.remove_prefix(scheme.size());
    target.remove_prefix(std::min(target.find_first_of("/?"), target.size()));
    return target.empty() ? "/" : target;
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value);
    std::replace_if(out.end() - static_cast<std::ptrdiff_t>(value.size()), out.end(), is_control, ' ');
    out += "\r\n";
}

http_response problem_with(int status, const json::object& body) {
    http_response out;
    out.status = status;
    out.content_type = "application/problem+json";
    out.body = json::serialize(body);
    return out;
}

}  // namespace

result<request_target> parse_target(std::string_view target) {
    const auto origin = origin_form(target);
    if (origin.find('#') != std::string_view::npos) return bad_target("the target has a fragment");
    const auto mark = std::min(origin.find('?'), origin.size());
    auto path = decode_path(origin.substr(0, mark));
    if (!path) return bad_target("the path is not valid percent-encoded UTF-8");
    if (path->empty() && origin.data() != target.data()) path = "/";
    if (!path->starts_with('/')) return bad_target("the target is not a path");
    auto query = parse_query(origin.substr(std::min(mark + 1, origin.size())));
    if (!query) return std::move(query).error();
    return request_target{std::move(*path), std::move(*query)};
}

std::string_view reason_phrase(int status) {
    const auto* row = find_status(status);
    return row ? row->reason : std::string_view{};
}

std::string response_text(const http_response& response, const answer_form& form) {
    const bool has_length = response.status >= 200 && response.status != 204;
    const bool has_body = has_length && !form.head && !response.stream;
    std::string out;
    out.reserve(256 + (has_body ? response.body.size() : 0));
    out.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
    out.append(reason_phrase(response.status)).append("\r\n");
    if (has_length) {
        if (!response.content_type.empty())
            append_field(out, "Content-Type", response.content_type);
        if (!response.stream)
            append_field(out, "Content-Length", std::to_string(response.body.size()));
        else if (!form.http_1_0)
            append_field(out, "Transfer-Encoding", "chunked");
    }
    append_field(out, "Cache-Control", "no-store");
    if (!form.keep_alive)
        append_field(out, "Connection", "close");
    else if (form.http_1_0)
        append_field(out, "Connection", "keep-alive");
    for (const auto& [name, value] : response.headers) append_field(out, name, value);
    out += "\r\n";
    if (has_body) out += response.body;
    return out;
}

std::string chunk(std::string_view bytes) {
    std::array<char, 16> size{};
    const auto end = std::to_chars(size.data(), size.data() + size.size(), bytes.size(), 16).ptr;
    std::string out(size.data(), end);
    return out.append("\r\n").append(bytes).append("\r\n");
}

http_response problem_response(const error& problem) {
    return problem_with(info(problem.code).status, protocol::to_json(problem));
}

http_response problem_response(int status, std::string_view detail) {
    const auto* row = find_status(status);
    if (row && row->code) return problem_response(error{*row->code, std::string(detail)});
    json::object body;
    body["type"] = "about:blank";
    body["title"] = reason_phrase(status);
    body["status"] = status;
    body["code"] = as_code(reason_phrase(status));
    if (!detail.empty()) body["detail"] = detail;
    return problem_with(status, body);
}

}  // namespace termd::api
