#include "cli/client.hpp"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <limits>

#include "cli/connection.hpp"
#include "cli/unreachable.hpp"
#include "common/text.hpp"

namespace termd::cli {
namespace {

namespace http = boost::beast::http;
using response_parser = http::response_parser<http::string_body>;

constexpr std::uint64_t largest_body = 64U << 20;
constexpr std::uint32_t largest_header = 64U << 10;

std::string to_wire(const question& q) {
    std::string out =
        q.method + " " + q.target + " HTTP/1.1\r\nHost: termd\r\nConnection: close\r\n";
    out += "User-Agent: termctl/" TERMD_VERSION "\r\nAccept: application/json\r\n";
    if (!q.body.empty())
        out +=
            "Content-Type: application/json\r\nContent-Length: " + std::to_string(q.body.size()) +
            "\r\n";
    return out + "\r\n" + q.body;
}

failure nonsense(const std::string& why) {
    return {exit_code::refused, "the answer makes no sense: " + why +
                                    " – is this really termd's control socket (--socket)?"};
}

failure cut_short() {
    return {exit_code::refused, "the answer ends early – did termd crash? journalctl -u termd"};
}

// Eats as much of `buffer` as it can; the rest has to be offered again with more behind it.
outcome<void> feed(response_parser& parser, std::string& buffer) {
    boost::system::error_code problem;
    buffer.erase(0, parser.put(boost::asio::buffer(buffer), problem));
    if (problem && problem != http::error::need_more) return nonsense(problem.message());
    // Without a length, a body that was cut looks like one that ended.
    if (parser.is_header_done() && parser.need_eof()) return nonsense("its length is not known");
    return {};
}

outcome<void> receive(connection& stream, response_parser& parser) {
    std::string buffer;
    bool nothing_yet = true;
    while (!parser.is_done()) {
        const auto more = stream.receive(buffer);
        if (!more) return more.error();
        if (!*more) return nothing_yet ? lost(0) : cut_short();
        nothing_yet = false;
        if (auto fed = feed(parser, buffer); !fed) return fed;
    }
    if (!buffer.empty()) return nonsense("there is something behind it");
    return {};
}

std::string media_type(std::string_view content_type) {
    std::string out(content_type.substr(0, content_type.find_first_of("; ")));
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

}  // namespace

outcome<answer> ask(const std::string& socket_path, const question& what, milliseconds timeout) {
    auto stream = connection::open(socket_path, timeout);
    if (!stream) return stream.error();
    if (auto sent = stream->send(to_wire(what)); !sent) return sent.error();

    response_parser parser;
    parser.eager(true);
    parser.body_limit(largest_body);
    parser.header_limit(largest_header);
    if (auto received = receive(*stream, parser); !received) return received.error();

    auto& message = parser.get();
    const int status = message.result_int();
    if (status < 200 || status > 599) return nonsense("its status is " + std::to_string(status));
    const auto type = message[http::field::content_type];
    return answer{status, media_type({type.data(), type.size()}), std::move(message.body())};
}

}  // namespace termd::cli
