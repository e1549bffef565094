// A browser's part in the bench of the terminal's way: speaks ttyd's WebSocket protocol and measures from
// outside. Like a browser it reads, and answers ttyd's pings, at any time. For bench/works/terminal.py.
//
//   terminal_client echo COUNT PORT TARGET     one key a time, until it has come back: microseconds,
//                                              one line each
//   terminal_client bulk BYTES PORT TARGET     types a Return, and reads so many bytes: seconds
//   terminal_client bulk BYTES PORT TARGET …   of several terminals at once (PORT TARGET pairs): until
//                                              the last has all of its own
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using clock_type = std::chrono::steady_clock;

namespace {

class terminal {
  public:
    terminal(asio::io_context& loop, const std::string& port, const std::string& target)
        : socket_(loop) {
        asio::ip::tcp::resolver names(loop);
        asio::connect(socket_.next_layer(), names.resolve("127.0.0.1", port));
        socket_.next_layer().set_option(asio::ip::tcp::no_delay(true));
        socket_.set_option(websocket::stream_base::decorator([](websocket::request_type& request) {
            request.set(beast::http::field::sec_websocket_protocol, "tty");
        }));
        socket_.read_message_max(0);
        socket_.handshake("127.0.0.1:" + port, target);
        socket_.binary(true);
        write(R"({"AuthToken":"","columns":80,"rows":24})");
        read();
    }

    // One at a time: before the next, something of the other side must have come.
    void write(std::string message) {
        outgoing_ = std::move(message);
        socket_.async_write(asio::buffer(outgoing_), [](beast::error_code e, std::size_t) {
            if (e) throw beast::system_error(e, "write");
        });
    }

    // Back-pressure for what writes without end.
    void stop_reading() { reading_ = false; }

    // Who gets the output from now on; before, it waits.
    void when_output(std::function<void(std::string_view)> taker) {
        taker_ = std::move(taker);
        if (!early_.empty()) taker_(std::exchange(early_, {}));
    }

  private:
    void read() {
        if (!reading_) return;
        socket_.async_read(incoming_, [this](beast::error_code e, std::size_t size) {
            if (e) throw beast::system_error(e, "read");
            const std::string_view message(static_cast<const char*>(incoming_.data().data()), size);
            if (message.starts_with('0')) take(message.substr(1));  // others are not output
            incoming_.clear();
            read();
        });
    }

    void take(std::string_view output) {
        if (taker_) return taker_(output);
        early_ += output;
    }

    websocket::stream<asio::ip::tcp::socket> socket_;
    beast::flat_buffer incoming_;
    std::string outgoing_, early_;
    bool reading_ = true;
    std::function<void(std::string_view)> taker_;
};

using terminals = std::vector<std::unique_ptr<terminal>>;

double seconds_since(clock_type::time_point began) {
    return std::chrono::duration<double>(clock_type::now() - began).count();
}

template <class Condition>
void run_until(asio::io_context& loop, Condition reached) {
    while (!reached()) loop.run_one();
}

// What runs in each says "ready" and waits for keys.
void await_ready(asio::io_context& loop, const terminals& all) {
    for (const auto& at : all) {
        std::string seen;
        at->when_output([&](std::string_view output) { seen += output; });
        run_until(loop, [&] { return seen.find("ready") != seen.npos; });
        at->when_output([](std::string_view) {});
    }
}

// It gives back each byte.
void echo(asio::io_context& loop, terminal& at, int count) {
    for (int i = 0; i < count; ++i) {
        const char key = static_cast<char>('a' + i % 26);
        bool back = false;
        at.when_output([&](std::string_view output) { back |= output.find(key) != output.npos; });
        const auto began = clock_type::now();
        at.write(std::string("0") + key);
        run_until(loop, [&] { return back; });
        std::printf("%.1f\n", seconds_since(began) * 1e6);
    }
}

// After a Return it writes without end.
void bulk(asio::io_context& loop, const terminals& all, std::size_t bytes) {
    std::size_t missing = all.size();
    const auto began = clock_type::now();
    for (const auto& at : all) {
        at->when_output([&, seen = std::size_t{0}](std::string_view output) mutable {
            seen += output.size();
            if (seen < bytes) return;
            --missing;
            at->stop_reading();
        });
        at->write("0\r");
    }
    run_until(loop, [&] { return missing == 0; });
    std::printf("%.6f\n", seconds_since(began));
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc < 5) return 2;
    const std::string what = argv[1];
    asio::io_context loop(1);
    terminals all;
    for (int i = 3; i + 1 < argc; i += 2) {
        all.push_back(std::make_unique<terminal>(loop, argv[i], argv[i + 1]));
        loop.poll();
    }
    await_ready(loop, all);
    if (what == "echo") echo(loop, *all.front(), std::atoi(argv[2]));
    if (what == "bulk") bulk(loop, all, static_cast<std::size_t>(std::atoll(argv[2])));
    return 0;
} catch (const std::exception& wrong) {
    std::fprintf(stderr, "terminal_client: %s\n", wrong.what());
    return 1;
}
