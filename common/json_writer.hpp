// Writes JSON (RFC 8259) straight into a string, for what is asked for so often that building Boost.JSON's values
// first would be most of the work. Commas come by themselves; that brackets match is the caller's concern.
#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>

namespace termd {

class json_writer {
  public:
    explicit json_writer(std::string& out) : out_(out) {}

    void open(char bracket);   // '{' or '['
    void close(char bracket);  // '}' or ']'
    // Of text that is not UTF-8, U+FFFD stands for each such byte: what is written is always JSON.
    void name(std::string_view text);  // in an object, before its value
    void value(std::string_view text);
    void value(const std::string& text) { value(std::string_view(text)); }
    void value(const char*) = delete;  // would be a bool
    void value(std::nullptr_t);
    void value(bool is);
    void value(double finite);
    void json(std::string_view written);  // a value that has been written already
    template <std::integral number>
    void value(number n) { integer(static_cast<long long>(n)); }

    template <typename T>
    void field(std::string_view called, const T& of) {
        name(called);
        value(of);
    }

  private:
    std::string& out_;
    void separate();
    void quote(std::string_view text);
    void integer(long long n);
};

}  // namespace termd
