// Any output, in any pieces: every line of its recording is JSON and stays within a page of the file,
// and together they say what one piece would have said. The first byte says how many of the next
// ones are lengths of pieces, over and over.
#include <boost/json.hpp>
#include <cstddef>
#include <cstdint>
#include <string>

#include "common/text.hpp"
#include "supervisor/shim/cast_text.hpp"
#include "tests/fuzz/input.hpp"

namespace {

using termd::fuzz::in_pieces;
using termd::fuzz::require;
using termd::fuzz::split;
using namespace termd::shim;
using namespace std::chrono_literals;

std::string text_of(const std::string& file) {
    std::string out;
    for (std::size_t at = 0; at < file.size();) {
        const auto end = file.find('\n', at);
        require(end != std::string::npos);
        require(at / cast_text::page_size == end / cast_text::page_size);
        const auto value = boost::json::parse(file.substr(at, end - at));
        if (value.is_array()) out += value.at(2).as_string();
        at = end + 1;
    }
    return out;
}

std::string record(std::string_view bytes, std::string_view lengths) {
    cast_text text;
    std::string file;
    text.begin(file, {{80, 24}, 0, std::string(bytes.substr(0, 64)), ""});
    in_pieces(bytes, lengths, [&](const std::string& piece) { text.output(file, 1s, piece); });
    text.finish(file, 2s);
    require(text.size() == file.size());
    for (const char c : file) require(c == '\n' || static_cast<unsigned char>(c) >= 0x20);
    const auto said = text_of(file);
    require(termd::is_valid_utf8(said));
    return said;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto [lengths, bytes] = split(data, size);
    const auto whole = record(bytes, "");
    require(record(bytes, lengths) == whole);
    if (termd::is_valid_utf8(bytes)) require(whole == bytes);
    return 0;
}
