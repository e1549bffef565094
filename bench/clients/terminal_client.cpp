// A browser's part in the bench of the terminal's way: speaks ttyd's WebSocket protocol over blocking
// sockets and measures from outside. Run by bench/terminal.py.
//
//   terminal_client echo COUNT PORT TARGET     one key a time, until it has come back: microseconds,
//                                              one line each
//   terminal_client bulk BYTES PORT TARGET     types a Return, and reads so many bytes: seconds
//   terminal_client bulk BYTES PORT TARGET …   of several terminals at once (PORT TARGET pairs): until
//                                              the last has all of its own
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using clock_type = std::chrono::steady_clock;

namespace {

class terminal {
  public:
    terminal(const std::string& port, const std::string& target) : socket_(loop_) {
        asio::ip::tcp::resolver names(loop_);
        asio::connect(socket_.next_layer(), names.resolve("127.0.0.1", port));
        socket_.next_layer().set_option(asio::ip::tcp::no_delay(true));
        socket_.set_option(websocket::stream_base::decorator([](websocket::request_type& request) {
            request.set(beast::http::field::sec_websocket_protocol, "tty");
        }));
        socket_.read_message_max(0);
        socket_.handshake("127.0.0.1:" + port, target);
        socket_.binary(true);
        write(R"({"AuthToken":"","columns":80,"rows":24})");
    }

    void write(const std::string& message) { socket_.write(asio::buffer(message)); }

    // The next piece of output; other messages are passed over.
    std::string_view read() {
        do {
            buffer_.clear();
            socket_.read(buffer_);
        } while (buffer_.size() == 0 || static_cast<const char*>(buffer_.data().data())[0] != '0');
        return std::string_view(static_cast<const char*>(buffer_.data().data()), buffer_.size()).substr(1);
    }

    void read_until(const std::string& word) {
        std::string seen;
        while (seen.find(word) == std::string::npos) seen += read();
    }

  private:
    asio::io_context loop_;
    websocket::stream<asio::ip::tcp::socket> socket_;
    beast::flat_buffer buffer_;
};

double seconds_since(clock_type::time_point began) {
    return std::chrono::duration<double>(clock_type::now() - began).count();
}

// What runs there says "ready" and gives back each byte.
void echo(terminal& at, int count) {
    at.read_until("ready");
    for (int i = 0; i < count; ++i) {
        const char key = static_cast<char>('a' + i % 26);
        const auto began = clock_type::now();
        at.write(std::string("0") + key);
        at.read_until(std::string(1, key));
        std::printf("%.1f\n", seconds_since(began) * 1e6);
    }
}

// What runs there says "ready" and, after a Return, writes without end.
void bulk(terminal& at, std::size_t bytes) {
    std::size_t seen = 0;
    while (seen < bytes) seen += at.read().size();
}

void bulk_of_all(std::vector<std::unique_ptr<terminal>>& all, std::size_t bytes) {
    for (const auto& at : all) at->read_until("ready");
    const auto began = clock_type::now();
    for (const auto& at : all) at->write("0\r");
    std::vector<std::thread> readers;
    for (const auto& at : all) readers.emplace_back([&at, bytes] { bulk(*at, bytes); });
    for (auto& reader : readers) reader.join();
    std::printf("%.6f\n", seconds_since(began));
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc < 5) return 2;
    const std::string what = argv[1];
    std::vector<std::unique_ptr<terminal>> all;
    for (int i = 3; i + 1 < argc; i += 2)
        all.push_back(std::make_unique<terminal>(argv[i], argv[i + 1]));
    if (what == "echo") echo(*all.front(), std::atoi(argv[2]));
    if (what == "bulk") bulk_of_all(all, static_cast<std::size_t>(std::atoll(argv[2])));
    return 0;
} catch (const std::exception& wrong) {
    std::fprintf(stderr, "terminal_client: %s\n", wrong.what());
    return 1;
}
