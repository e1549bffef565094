// The HTTP parser gives the same results for the same bytes, in one piece and in any pieces; and
// what it lets through is what it promises.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/text.hpp"
#include "supervisor/api/http_parser.hpp"
#include "tests/fuzz/input.hpp"

namespace {

using termd::fuzz::require;
using namespace termd;
using namespace termd::api;

constexpr std::size_t header_bytes = 256;
constexpr std::size_t body_bytes = 64;

void check_promises(const parsed_request& parsed) {
    const auto& r = parsed.request;
    require(!r.method.empty() && r.method != "HEAD");
    require(r.path.starts_with('/') && is_valid_utf8(r.path));
    require(r.path.find_first_of(std::string_view("\0\r\n", 3)) == std::string::npos);
    require(r.body.size() <= body_bytes);
    require(!(r.headers.contains("content-length") && r.headers.contains("transfer-encoding")));
    require(parsed.form.http_1_0 || r.headers.contains("host"));
    for (const auto& [name, value] : r.headers)
        require(value.find_first_of(std::string_view("\0\r\n", 3)) == std::string::npos);
}

std::string in_words(const parsed_request& parsed) {
    const auto& [r, form] = parsed;
    std::string out = r.method + '\n' + r.path + '\n';
    for (const auto& [name, value] : r.query) out += name + '=' + value + '\n';
    for (const auto& [name, value] : r.headers) out += name + ':' + value + '\n';
    out += r.body + '\n';
    for (const bool flag : {form.keep_alive, form.head, form.http_1_0}) out += flag ? '1' : '0';
    return out;
}

// Everything that can be taken now. False after a failure.
bool take_all(http_parser& parser, std::vector<std::string>& out) {
    for (;;) {
        const auto result = parser.next();
        if (std::holds_alternative<need_more>(result)) return true;
        if (const auto* failure = std::get_if<parse_failure>(&result)) {
            require(failure->status >= 400 && failure->status < 600 &&
                    !reason_phrase(failure->status).empty());
            out.push_back(std::to_string(failure->status) + failure->detail);
            return false;
        }
        check_promises(std::get<parsed_request>(result));
        out.push_back(in_words(std::get<parsed_request>(result)));
    }
}

std::vector<std::string> parse(std::string_view bytes, std::string_view lengths) {
    http_parser parser(header_bytes, body_bytes);
    std::vector<std::string> out;
    bool well = true;
    fuzz::in_pieces(bytes, lengths, [&](const std::string& piece) {
        if (!well) return;
        parser.feed(piece);
        well = take_all(parser, out);
        if (well) parser.take_expectation();
    });
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto [lengths, bytes] = fuzz::split(data, size);
    const auto whole = parse(bytes, "");
    require(parse(bytes, lengths) == whole);
    require(parse(bytes, std::string_view("\0", 1)) == whole);
    return 0;
}
