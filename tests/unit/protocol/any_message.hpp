// Messages made by chance. What a message consists of is said once, in its fields(); so one archive
// can fill all of them, those that are added later too.
#pragma once

#include <limits>
#include <optional>
#include <random>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "protocol/fields.hpp"
#include "protocol/shim_messages.hpp"

namespace termd::protocol::test {

class filler {
  public:
    explicit filler(unsigned seed) : random_(seed) {}

    template <class T>
    void operator()(std::uint8_t, T& value) { fill(value); }

    // The number'th word of a vocabulary, counted from 0, becomes one that nobody knows.
    void spoil_word(int number, int with) {
        spoilt_ = number;
        spoilt_with_ = with;
    }
    int words() const { return words_; }

  private:
    template <class T>
    void fill(T& value) {
        if constexpr (std::is_enum_v<T>) {
            value = words_++ == spoilt_ ? static_cast<T>(spoilt_with_)
                                        : static_cast<T>(random_() % smallest_vocabulary);
        } else if constexpr (std::is_same_v<T, bool>) {
            value = random_() % 2 == 0;
        } else if constexpr (std::is_integral_v<T>) {
            value = static_cast<T>(random_());
        } else {
            value.fields(*this);
        }
    }
    void fill(std::string& text) {
        text.resize(random_() % 20);
        for (char& c : text) c = static_cast<char>(random_());
    }
    void fill(milliseconds& time) { time = milliseconds{static_cast<std::int64_t>(random_())}; }
    void fill(boot_time& time) {
        time = boot_time{std::chrono::nanoseconds{static_cast<std::int64_t>(random_())}};
    }
    void fill(std::array<std::uint8_t, 32>& bytes) {
        for (auto& b : bytes) b = static_cast<std::uint8_t>(random_());
    }
    template <class T>
    void fill(std::optional<T>& value) {
        value.reset();
        if (random_() % 2 == 0) fill(value.emplace());
    }
    template <class T>
    void fill(std::vector<T>& list) {
        list.resize(random_() % 4);
        for (auto& item : list) fill(item);
    }

    static constexpr unsigned smallest_vocabulary = 2;  // roles: every one has at least as many
    std::mt19937_64 random_;
    int words_ = 0;
    int spoilt_ = -1, spoilt_with_ = 0;
};

// Calls f with each alternative of a variant in turn, default-constructed.
template <class Variant, class F>
void for_each_alternative(F f) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        (f(std::variant_alternative_t<I, Variant>{}), ...);
    }(std::make_index_sequence<std::variant_size_v<Variant>>{});
}

}  // namespace termd::protocol::test
