#include "common/json_writer.hpp"

#include <array>
#include <charconv>

#include "common/json_text.hpp"

namespace termd {
namespace {

bool stands_for_itself(char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; }

template <typename number>
void append_number(std::string& out, number n) {
    std::array<char, 32> text{};
    out.append(text.data(), std::to_chars(text.data(), text.data() + text.size(), n).ptr);
}

}  // namespace

// After an opening bracket and after a name nothing is in between; text cannot be mistaken for
// them, because it ends with a quote.
void json_writer::separate() {
    const char last = out_.empty() ? '[' : out_.back();
    if (last != '{' && last != '[' && last != ':') out_ += ',';
}

void json_writer::open(char bracket) {
    separate();
    out_ += bracket;
}

void json_writer::close(char bracket) { out_ += bracket; }

void json_writer::name(std::string_view text) {
    separate();
    quote(text);
    out_ += ':';
}

void json_writer::value(std::string_view text) {
    separate();
    quote(text);
}

void json_writer::quote(std::string_view text) {
    out_ += '"';
    while (!text.empty()) {
        std::size_t plain = 0;
        while (plain < text.size() && stands_for_itself(text[plain])) ++plain;
        out_ += text.substr(0, plain);
        text.remove_prefix(plain);
        if (!text.empty()) append_escaped(out_, take_character(text));
    }
    out_ += '"';
}

void json_writer::value(std::nullptr_t) {
    separate();
    out_ += "null";
}

void json_writer::value(bool is) {
    separate();
    out_ += is ? "true" : "false";
}

void json_writer::value(double finite) {
    separate();
    append_number(out_, finite);
}

void json_writer::json(std::string_view written) {
    separate();
    out_ += written;
}

void json_writer::integer(long long n) {
    separate();
    append_number(out_, n);
}

}  // namespace termd
