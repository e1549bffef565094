#include "supervisor/api/http_parser.hpp"

#include <optional>

#if defined(__GNUC__) && !defined(__clang__)
// g++ 12 says so about boost::optional inside Beast when it compiles with sanitizers.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include "supervisor/api/chunked_body.hpp"

namespace termd::api {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;

using head_parser = http::request_parser<http::empty_body>;

enum class body_kind { none, sized, chunked };

// A head that has been read, and how its body is delimited.
struct request_head {
    parsed_request parsed;
    body_kind body = body_kind::none;
    std::uint64_t length = 0;
    bool expects_continue = false;
};

using head_result = std::variant<need_more, request_head, parse_failure>;

parse_failure bad_request(std::string detail) {
    return {400, std::move(detail)};
}

std::string_view view(beast::string_view text) {
    return {text.data(), text.size()};
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = beast::detail::ascii_tolower(c);
    return out;
}

std::map<std::string, std::string> headers_of(const http::fields& fields) {
    std::map<std::string, std::string> out;
    for (const auto& field : fields) {
        const auto value = view(field.value());
        auto [at, is_new] = out.try_emplace(lower(view(field.name_string())), value);
        if (!is_new) at->second.append(at->first == "cookie" ? "; " : ", ").append(value);
    }
    return out;
}

// What Beast lets pass. Two ways to tell where the body ends are how requests get smuggled.
std::optional<parse_failure> check_fields(const http::fields& fields, bool http_1_0) {
    const auto hosts = fields.count(http::field::host);
    if (hosts > 1 || (hosts == 0 && !http_1_0))
        return bad_request("exactly one Host header is needed");
    const auto codings = fields.count(http::field::transfer_encoding);
    if (codings > 0 && fields.count(http::field::content_length) > 0)
        return bad_request("both Content-Length and Transfer-Encoding");
    if (codings > 0 && http_1_0) return bad_request("Transfer-Encoding in HTTP/1.0");
    if (codings > 1) return bad_request("more than one Transfer-Encoding header");
    if (codings == 1 && !beast::iequals(fields[http::field::transfer_encoding], "chunked"))
        return parse_failure{501, "no transfer coding but chunked is known"};
    const auto expectation = fields[http::field::expect];
    if (!expectation.empty() && !beast::iequals(expectation, "100-continue"))
        return parse_failure{417, "no expectation but 100-continue is known"};
    return std::nullopt;
}

parse_failure head_failure(beast::error_code ec) {
    if (ec == http::error::bad_version) return {505, "expected HTTP/1.1 or HTTP/1.0"};
    return bad_request(ec == http::error::need_more ? "malformed request line" : ec.message());
}

// `text` ends with the empty line.
head_result parse_head(std::string_view text, std::size_t body_limit) {
    head_parser parser;
    parser.header_limit(static_cast<std::uint32_t>(text.size() + 1));  // ours has been kept
    parser.skip(true);
    beast::error_code ec;
    parser.put(boost::asio::buffer(text), ec);
    if (ec) return head_failure(ec);

    const auto& message = parser.get();
    const bool http_1_0 = message.version() == 10;
    if (auto failure = check_fields(message, http_1_0)) return std::move(*failure);
    auto parsed_target = parse_target(view(message.target()));
    if (!parsed_target) return bad_request(parsed_target.error().detail);
    auto& target = parsed_target.value();

    request_head out;
    out.parsed.form.keep_alive = parser.keep_alive();
    out.parsed.form.http_1_0 = http_1_0;
    out.parsed.form.head = message.method() == http::verb::head;
    out.parsed.request.method = out.parsed.form.head ? "GET" : view(message.method_string());
    out.parsed.request.path = std::move(target.path);
    out.parsed.request.query = std::move(target.query);
    out.parsed.request.headers = headers_of(message);
    if (parser.chunked()) out.body = body_kind::chunked;
    if (const auto length = parser.content_length()) {
        if (*length > body_limit) return parse_failure{413, "the body is too large"};
        out.body = body_kind::sized;
        out.length = *length;
    }
    out.expects_continue = !http_1_0 && message.count(http::field::expect) > 0;
    return out;
}

}  // namespace

class http_parser::impl {
  public:
    impl(std::size_t header_bytes, std::size_t body_bytes)
        : header_bytes_(header_bytes), body_bytes_(body_bytes) {}

    void feed(std::string_view bytes) { buffer_ += bytes; }
    bool empty() const { return !head_ && buffer_.empty(); }

    parse_result next() {
        if (failure_) return *failure_;
        auto out = head_ ? read_body() : read_head();
        if (const auto* failure = std::get_if<parse_failure>(&out)) failure_ = *failure;
        return out;
    }

    bool take_expectation() {
        return head_ && buffer_.empty() && std::exchange(head_->expects_continue, false);
    }

  private:
    parse_result read_head() {
        skip_empty_lines();
        if (auto failure = scan_head()) return std::move(*failure);
        if (!head_is_whole_) return need_more{};
        auto head = parse_head(std::string_view(buffer_).substr(0, scanned_), body_bytes_);
        buffer_.erase(0, scanned_);
        scanned_ = line_ = 0;
        head_is_whole_ = false;
        if (auto* failure = std::get_if<parse_failure>(&head)) return std::move(*failure);
        head_ = std::move(std::get<request_head>(head));
        chunks_.emplace(body_bytes_);
        return read_body();
    }

    // RFC 9112 §2.2: some clients end a body with one line too many.
    void skip_empty_lines() {
        std::size_t count = 0;
        if (scanned_ > 1) return;
        while (buffer_.compare(count, 2, "\r\n") == 0) count += 2;
        if (count == 0) return;
        buffer_.erase(0, count);
        scanned_ = 0;
    }

    // Byte by byte until the empty line, so that what is wrong is found at the same byte and in
    // the same order however the bytes arrive. Whether a line break is whole is known one byte
    // later, which is why the last byte may have to wait.
    std::optional<parse_failure> scan_head() {
        for (; scanned_ < buffer_.size() && !head_is_whole_; ++scanned_) {
            if (scanned_ >= header_bytes_) return parse_failure{431, "the header is too large"};
            const char c = buffer_[scanned_];
            const bool after_cr = scanned_ > 0 && buffer_[scanned_ - 1] == '\r';
            if (after_cr != (c == '\n')) return bad_request("a line does not end with CR LF");
            if (c == '\n') {
                head_is_whole_ = scanned_ == line_ + 1;
                line_ = scanned_ + 1;
            } else if ((c == ' ' || c == '\t') && scanned_ == line_) {
                return bad_request("a line begins with white space");
            } else if ((static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\r') ||
                       c == 0x7F) {
                return bad_request("a control character in the header");
            }
        }
        return std::nullopt;
    }

    parse_result read_body() {
        auto& request = head_->parsed.request;
        if (head_->body == body_kind::chunked) {
            std::string_view rest = buffer_;
            const auto verdict = chunks_->take(rest);
            buffer_.erase(0, buffer_.size() - rest.size());
            if (verdict == chunked_body::verdict::more) return need_more{};
            if (verdict == chunked_body::verdict::too_large)
                return parse_failure{413, "the body is too large"};
            if (verdict == chunked_body::verdict::malformed)
                return bad_request("the chunked body is malformed");
            request.body = std::move(chunks_->data());
        } else {
            if (buffer_.size() < head_->length) return need_more{};
            request.body = buffer_.substr(0, head_->length);
            buffer_.erase(0, head_->length);
        }
        auto out = std::move(head_->parsed);
        head_.reset();
        return out;
    }

    std::size_t header_bytes_, body_bytes_;
    std::string buffer_;       // what has been fed and not used
    std::size_t scanned_ = 0;  // of the head that buffer_ begins with
    std::size_t line_ = 0;     // where the line begins that is being scanned
    bool head_is_whole_ = false;
    std::optional<request_head> head_;  // read; its body is not
    std::optional<chunked_body> chunks_;
    std::optional<parse_failure> failure_;
};

http_parser::http_parser(std::size_t header_bytes, std::size_t body_bytes)
    : impl_(std::make_unique<impl>(header_bytes, body_bytes)) {}
http_parser::~http_parser() = default;

void http_parser::feed(std::string_view bytes) {
    impl_->feed(bytes);
}
parse_result http_parser::next() {
    return impl_->next();
}
bool http_parser::empty() const {
    return impl_->empty();
}
bool http_parser::take_expectation() {
    return impl_->take_expectation();
}

}  // namespace termd::api
