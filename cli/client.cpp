#include "cli/client.hpp"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <utility>

#include "cli/unreachable.hpp"
#include "common/text.hpp"

namespace termd::cli {
namespace {

namespace http = boost::beast::http;
using response_parser = http::response_parser<http::string_body>;

constexpr std::uint64_t largest_body = 64U << 20;
constexpr std::uint32_t largest_header = 64U << 10;

std::string to_wire(const question& q) {
    std::string out = q.method + " " + q.target + " HTTP/1.1\r\nHost: termd\r\nConnection: ";
    if (q.upgrade_to.empty())
        out += "close\r\n";
    else
        out.append("Upgrade\r\nUpgrade: ").append(q.upgrade_to).append("\r\n");
    out += "User-Agent: termctl/" TERMD_VERSION "\r\nAccept: ";
    out.append(q.accept) += "\r\n";
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
outcome<void> eat(response_parser& parser, std::string& buffer) {
    boost::system::error_code problem;
    buffer.erase(0, parser.put(boost::asio::buffer(buffer), problem));
    if (problem && problem != http::error::need_more) return nonsense(problem.message());
    return {};
}

outcome<void> feed(response_parser& parser, std::string& buffer) {
    if (auto eaten = eat(parser, buffer); !eaten) return eaten;
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

outcome<answer> read_head(response_parser& parser, const question& asked) {
    const auto& message = parser.get();
    const int status = message.result_int();
    const bool upgraded = status == 101 && !asked.upgrade_to.empty();
    if (!upgraded && (status < 200 || status > 599)) return nonsense("its status is " + std::to_string(status));
    const auto type = message[http::field::content_type];
    return answer{status, media_type({type.data(), type.size()}), {}};
}

}  // namespace

outcome<answer> ask(const std::string& socket_path, const question& what, milliseconds timeout,
                    std::function<void()> tick) {
    auto stream = connection::open(socket_path, timeout);
    if (!stream) return stream.error();
    stream->while_waiting(std::move(tick));
    if (auto sent = stream->send(to_wire(what)); !sent) return sent.error();

    response_parser parser;
    parser.eager(true);
    parser.body_limit(largest_body);
    parser.header_limit(largest_header);
    if (auto received = receive(*stream, parser); !received) return received.error();
    auto head = read_head(parser, what);
    if (head) head->body = std::move(parser.get().body());
    return head;
}

struct answer_stream::state {
    connection from;
    response_parser parser{};
    std::string buffer{};  // what has arrived and was not eaten
    answer head{};

    bool is_success() const { return head.status >= 101 && head.status <= 299; }
    outcome<void> wait_for_head(const question& asked);
};

outcome<void> answer_stream::state::wait_for_head(const question& asked) {
    parser.eager(true);
    parser.body_limit(boost::none);
    parser.header_limit(largest_header);
    while (!parser.is_header_done()) {
        const auto more = from.receive(buffer);
        if (!more) return more.error();
        if (!*more) return buffer.empty() ? lost(0) : cut_short();
        if (auto eaten = eat(parser, buffer); !eaten) return eaten;
    }
    auto read = read_head(parser, asked);
    if (!read) return read.error();
    head = std::move(*read);
    if (is_success()) return {};
    parser.body_limit(largest_body);
    if (!parser.is_done())
        if (auto received = receive(from, parser); !received) return received;
    head.body = std::move(parser.get().body());
    return {};
}

answer_stream::answer_stream(std::unique_ptr<state> s) : state_(std::move(s)) {}
answer_stream::answer_stream(answer_stream&&) noexcept = default;
answer_stream& answer_stream::operator=(answer_stream&&) noexcept = default;
answer_stream::~answer_stream() = default;

outcome<answer_stream> answer_stream::open(const std::string& socket_path, const question& what,
                                           milliseconds timeout) {
    auto stream = connection::open(socket_path, timeout);
    if (!stream) return stream.error();
    if (auto sent = stream->send(to_wire(what)); !sent) return sent.error();
    answer_stream out(std::unique_ptr<state>(new state{std::move(*stream)}));
    if (auto there = out.state_->wait_for_head(what); !there) return there.error();
    out.state_->from.wait_for_ever();
    return out;
}

const answer& answer_stream::head() const {
    return state_->head;
}

int answer_stream::descriptor() const {
    return state_->from.descriptor();
}

std::pair<connection, std::string> answer_stream::give_connection() && {
    return {std::move(state_->from), std::move(state_->buffer)};
}

bool answer_stream::is_whole() const {
    return state_->parser.is_done();
}

outcome<bool> answer_stream::take(std::string& body) {
    const auto got = state_->from.receive_now(state_->buffer);
    if (!got) return got.error();
    if (!state_->parser.is_done())
        if (auto eaten = eat(state_->parser, state_->buffer); !eaten) return eaten.error();
    body += std::exchange(state_->parser.get().body(), {});
    return *got != arrival::end && !state_->parser.is_done();
}

}  // namespace termd::cli
