// Fields: how a message is laid out inside a frame. Each is a tag (1 byte), a length (4 bytes, big
// endian) and that many bytes; numbers are 8 bytes, big endian; lists repeat their tag. A reader
// ignores tags it does not know and leaves what is missing at its default, so a field may be added
// without a new version; a tag is never used for something else.
//
// A message says once what it consists of, and both directions follow from that:
//
//   struct resize {
//       int columns = 80, rows = 24;
//       template <class Archive> void fields(Archive& a) { a(1, columns); a(2, rows); }
//   };
#pragma once

#include <array>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "common/time.hpp"

namespace termd::protocol {

class field_writer;
class field_reader;

template <class T>
concept field_group = requires(T value, field_writer& writer) { value.fields(writer); };
template <class T>
concept number_like = std::integral<T> || std::is_enum_v<T>;

class field_writer {
  public:
    template <class T>
    void operator()(std::uint8_t tag, const T& value) {
        if constexpr (number_like<T>)
            number(tag, static_cast<std::int64_t>(value));
        else if constexpr (field_group<T>)
            bytes(tag, group(value));
        else
            put(tag, value);
    }
    template <class T>
    void operator()(std::uint8_t tag, const std::optional<T>& value) {
        if (value) (*this)(tag, *value);
    }
    template <class T>
    void operator()(std::uint8_t tag, const std::vector<T>& list) {
        for (const auto& value : list) (*this)(tag, value);
    }

    std::string take() { return std::move(out_); }

  private:
    template <class T>
    static std::string group(const T& value) {
        field_writer inner;
        const_cast<T&>(value).fields(inner);  // a writer changes nothing
        return inner.take();
    }
    void put(std::uint8_t tag, const std::string& text) { bytes(tag, text); }
    void put(std::uint8_t tag, milliseconds value) { number(tag, value.count()); }
    void put(std::uint8_t tag, boot_time value) { number(tag, value.time_since_epoch().count()); }
    void put(std::uint8_t tag, const std::array<std::uint8_t, 32>& value) {
        bytes(tag, {reinterpret_cast<const char*>(value.data()), value.size()});
    }
    void number(std::uint8_t tag, std::int64_t value);
    void bytes(std::uint8_t tag, std::string_view value);

    std::string out_;
};

class field_reader {
  public:
    explicit field_reader(std::string_view payload) : payload_(payload) {}

    template <class T>
    void operator()(std::uint8_t tag, T& value) {
        if (const auto raw = find(tag)) take(*raw, value);
    }
    template <class T>
    void operator()(std::uint8_t tag, std::optional<T>& value) {
        value.reset();
        if (const auto raw = find(tag)) take(*raw, value.emplace());
    }
    template <class T>
    void operator()(std::uint8_t tag, std::vector<T>& list) {
        list.clear();
        for_each(tag, [&](std::string_view raw) { take(raw, list.emplace_back()); });
    }

    // False when the payload was cut, or a field had the wrong size for what it means.
    bool good() const { return good_; }

  private:
    template <class T>
    void take(std::string_view raw, T& value) {
        if constexpr (number_like<T>) {
            const auto n = number(raw);
            value = static_cast<T>(n);
            if constexpr (!std::same_as<T, bool>)
                good_ = good_ && static_cast<std::int64_t>(value) == n;
        } else if constexpr (field_group<T>) {
            field_reader inner(raw);
            value.fields(inner);
            good_ = good_ && inner.good();
        } else {
            get(raw, value);
        }
    }
    void get(std::string_view raw, std::string& value) { value = raw; }
    void get(std::string_view raw, milliseconds& value) { value = milliseconds{number(raw)}; }
    void get(std::string_view raw, boot_time& value) {
        value = boot_time{std::chrono::nanoseconds{number(raw)}};
    }
    void get(std::string_view raw, std::array<std::uint8_t, 32>& value);
    std::int64_t number(std::string_view raw);

    std::optional<std::string_view> next(std::string_view& rest, std::uint8_t& tag);
    std::optional<std::string_view> find(std::uint8_t wanted);
    template <class F>
    void for_each(std::uint8_t wanted, F found) {
        std::string_view rest = payload_;
        std::uint8_t tag = 0;
        while (const auto raw = next(rest, tag))
            if (tag == wanted) found(*raw);
    }

    std::string_view payload_;
    bool good_ = true;
};

template <field_group T>
std::string to_fields(const T& message) {
    field_writer writer;
    const_cast<T&>(message).fields(writer);
    return writer.take();
}

template <field_group T>
std::optional<T> from_fields(std::string_view payload) {
    T message;
    field_reader reader(payload);
    message.fields(reader);
    if (!reader.good()) return std::nullopt;
    return message;
}

}  // namespace termd::protocol
