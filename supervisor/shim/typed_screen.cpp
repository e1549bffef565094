#include "supervisor/shim/typed_screen.hpp"

#include <algorithm>
#include <charconv>

#include "common/utf8.hpp"
#include "supervisor/shim/character_width.hpp"

namespace termd::shim {
namespace {

constexpr unsigned char esc = 0x1b, bell = 0x07, cancel = 0x18, substitute = 0x1a, del = 0x7f;
constexpr std::size_t most_parameters = 64;
constexpr int farthest = 10'000;              // rows or columns; what goes beyond makes no sense
constexpr char32_t other_half = 0xffffffff;  // of a wide character

// How many characters of ASCII it begins with.
std::size_t plain_part(std::string_view text) {
    const auto* end = std::find_if(text.begin(), text.end(),
                                   [](char c) { return c < 0x20 || c >= 0x7f; });
    return static_cast<std::size_t>(end - text.begin());
}

}  // namespace

void typed_screen::read(std::string_view output, watcher& told) {
    if (!begun_ && state_ == state::text && character_.empty()) {
        // Nobody types: of text without sequences only its last row matters. A line feed alone begins none.
        const auto row = output.rfind('\r');
        if (row != std::string_view::npos && output.substr(0, row).find(esc) == std::string_view::npos)
            output.remove_prefix(row);
    }
    while (!output.empty()) {
        const auto plain = state_ == state::text && character_.empty() ? plain_part(output) : 0;
        if (plain > 0 && !begun_)
            advance(plain);
        else if (plain > 0)
            for (const char c : output.substr(0, plain)) write(static_cast<char32_t>(c), told);
        else
            take(static_cast<unsigned char>(output.front()), told);
        output.remove_prefix(std::max<std::size_t>(plain, 1));
    }
}

// As so many characters of width one do that nobody looks at.
void typed_screen::advance(std::size_t characters) {
    const auto columns = static_cast<std::size_t>(columns_);
    const auto end = static_cast<std::size_t>(at_.column) + characters;
    at_.column = static_cast<int>(end <= columns ? end : (end - 1) % columns + 1);
}

// A line of one row stays where it is; the program draws a longer one again.
void typed_screen::resized(os::window_size size) {
    columns_ = std::max(size.columns, 2);
    if (cells_.size() > static_cast<std::size_t>(columns_)) cells_.clear();
}

void typed_screen::begin() {
    at_.row = saved_.row = 0;
    cells_.clear();
    begun_ = true;
}

void typed_screen::end() {
    begun_ = false;
    cells_.clear();
    cells_.shrink_to_fit();
}

// ---- sequences ---------------------------------------------------------------------------------

void typed_screen::take(unsigned char byte, watcher& told) {
    if (byte == cancel || byte == substitute) {
        state_ = state::text;
        return;
    }
    switch (state_) {
        case state::text:
            return take_text(byte, told);
        case state::escape:
        case state::string_escape:
            return take_escape(byte, told);
        case state::intermediate:
            if (byte >= 0x30) state_ = state::text;
            return;
        case state::control:
            if (byte == esc) state_ = state::escape;
            else if (byte < 0x20) take_c0(byte, told);
            else if (byte >= 0x40 && byte <= 0x7e) state_ = state::text, control_ended(static_cast<char>(byte), told);
            else if (parameters_.size() < most_parameters) parameters_ += static_cast<char>(byte);
            return;
        case state::string:
            if (byte == esc) state_ = state::string_escape;
            if (byte == bell) state_ = state::text;
            return;
    }
}

void typed_screen::take_text(unsigned char byte, watcher& told) {
    if (byte < 0x20 || byte == del) {
        character_.clear();
        return take_c0(byte, told);
    }
    character_ += static_cast<char>(byte);
    if (unfinished_character(character_) == character_.size()) return;
    const auto [length, point] = first_character(character_);
    character_.clear();
    write(length == 0 ? U'\ufffd' : point, told);
}

void typed_screen::take_c0(unsigned char byte, watcher& told) {
    at_ = byte == esc ? at_ : within_row();
    switch (byte) {
        case esc: state_ = state::escape; return;
        case '\r': at_.column = 0; return;
        case '\b': at_.column = std::max(at_.column - 1, 0); return;
        case '\t': at_.column = std::min(at_.column / 8 * 8 + 8, columns_ - 1); return;
        case '\n': case '\v': case '\f': return feed(told);
        default: return;
    }
}

void typed_screen::take_escape(unsigned char byte, watcher& told) {
    state_ = state::text;
    switch (byte) {
        case esc: state_ = state::escape; return;
        case '[': state_ = state::control; parameters_.clear(); return;
        case ']': case 'P': case 'X': case '^': case '_': state_ = state::string; return;
        case '7': saved_ = at_; return;
        case '8': at_ = saved_; return;
        case 'D': return feed(told);
        case 'E': at_.column = 0; return feed(told);
        case 'M': --at_.row; return;
        case 'c': full_screen_ = false; return jump(0, told);
        default:
            if (byte >= 0x20 && byte < 0x30) state_ = state::intermediate;
    }
}

int typed_screen::parameter(std::size_t number, int otherwise) const {
    std::string_view rest = parameters_;
    for (; number > 0; --number) {
        const auto next = rest.find(';');
        if (next == std::string_view::npos) return otherwise;
        rest.remove_prefix(next + 1);
    }
    int value = 0;
    std::from_chars(rest.data(), rest.data() + rest.size(), value);
    return value == 0 ? otherwise : std::clamp(value, 0, farthest);
}

void typed_screen::control_ended(char final, watcher& told) {
    if (parameters_.find_first_of("<=>?") == 0) {
        const bool sets = final == 'h', known = sets || final == 'l';
        for (const auto* mode : {"47", "1047", "1049"})
            if (known && parameters_ == std::string("?") + mode) full_screen_ = sets;
        return;
    }
    const int count = parameter(0, 1);
    const place row_end{at_.row, columns_};
    at_ = within_row();
    switch (final) {
        case 'A': case 'B': case 'e': case 'E': case 'F': return change_row(final, count);
        case 'C': case 'a': at_.column = std::min(at_.column + count, columns_ - 1); return;
        case 'D': at_.column = std::max(at_.column - count, 0); return;
        case 'G': case '`': at_.column = std::min(count, columns_) - 1; return;
        case 'H': case 'f': return jump(std::min(parameter(1, 1), columns_) - 1, told);
        case 'd': return jump(at_.column, told);
        case 'J':
            if (parameter(0, 0) == 0) erase(at_, {farthest, 0});
            else if (parameter(0, 0) != 1) cells_.clear();
            return;
        case 'K':
            if (parameter(0, 0) == 0) erase(at_, row_end);
            else erase({at_.row, 0}, parameter(0, 0) == 1 ? place{at_.row, at_.column + 1} : row_end);
            return;
        case 'P': return shift(-count);
        case '@': return shift(count);
        case 'X': return erase(at_, {at_.row, std::min(at_.column + count, columns_)});
        case 's': saved_ = at_; return;
        case 'u': at_ = saved_; return;
        default: return;
    }
}

void typed_screen::change_row(char final, int count) {
    if (final == 'E' || final == 'F') at_.column = 0;
    const bool up = final == 'A' || final == 'F';
    at_.row = std::clamp(at_.row + (up ? -count : count), -farthest, farthest);
}

void typed_screen::jump(int column, watcher& told) {
    at_ = {0, column};
    cells_.clear();
    if (begun_) told.jumped();
}

// ---- cells -------------------------------------------------------------------------------------

// After the last column of a row the cursor waits there until something else is written.
typed_screen::place typed_screen::within_row() const {
    return {at_.row, std::min(at_.column, columns_ - 1)};
}

void typed_screen::write(char32_t character, watcher& told) {
    const int width = character_width(character);
    if (width == 0) return;
    if (at_.column + width > columns_) at_ = {at_.row + 1, 0};
    if (begun_) {
        told.written(character, at_);
        put(at_, character);
        if (width == 2) put({at_.row, at_.column + 1}, other_half);
    }
    at_.column += width;
}

void typed_screen::feed(watcher& told) {
    at_.row = std::min(at_.row + 1, farthest);
    if (!begun_) return;
    const auto row = index({at_.row, 0});
    if (at_.row <= 0) return told.line_feed(row_kind::other);
    if (row < cells_.size()) {
        // Of a row that is just full, readline writes a blank into the next one.
        const auto is_text = [](char32_t c) { return c != 0 && c != U' '; };
        const auto here = cells_.begin() + static_cast<std::ptrdiff_t>(row);
        const bool written = std::any_of(here, cells_.end(), is_text);
        return told.line_feed(written ? row_kind::written : row_kind::other);
    }
    const bool goes_on = row == cells_.size() && cells_[row - 1] != 0;
    told.line_feed(goes_on ? row_kind::other : row_kind::unused);
}

std::size_t typed_screen::index(place where) const {
    if (where.row < 0) return most_cells;
    return static_cast<std::size_t>(where.row) * static_cast<std::size_t>(columns_) +
           static_cast<std::size_t>(where.column);
}

void typed_screen::put(place where, char32_t what) {
    const auto at = index(where);
    if (at >= most_cells) return;
    if (cells_.size() <= at) cells_.resize(at + 1);
    cells_[at] = what;
}

void typed_screen::erase(place from, place to) {
    from.row = std::max(from.row, 0);
    const auto end = std::min(index(to), cells_.size());
    for (auto i = index(from); i < end; ++i) cells_[i] = 0;
    while (!cells_.empty() && cells_.back() == 0) cells_.pop_back();
}

void typed_screen::shift(int by) {
    if (at_.row < 0) return;
    const auto begin = index(at_);
    const auto end = std::min(index({at_.row, columns_}), most_cells);
    if (begin >= end) return;
    if (cells_.size() < end) cells_.resize(end);
    auto* row = cells_.data() + begin;
    const auto length = end - begin;
    const auto by_cells = std::min<std::size_t>(static_cast<std::size_t>(std::abs(by)), length);
    if (by > 0) {
        std::move_backward(row, row + (length - by_cells), row + length);
        std::fill(row, row + by_cells, U' ');
    } else {
        std::move(row + by_cells, row + length, row);
        std::fill(row + (length - by_cells), row + length, char32_t{0});
    }
    erase(at_, at_);  // what is empty at the end goes
}

// What the cursor jumped over ends a row: a prompt on its right was not typed.
std::u32string typed_screen::text_from(place start) const {
    std::u32string out;
    const auto columns = static_cast<std::size_t>(columns_);
    for (auto i = index(start); i < cells_.size();) {
        if (cells_[i] == 0) {
            i = (i / columns + 1) * columns;
            if (i < cells_.size()) out += U'\n';
            continue;
        }
        if (cells_[i] != other_half) out += cells_[i];
        ++i;
    }
    while (!out.empty() && (out.back() == U' ' || out.back() == U'\n')) out.pop_back();
    return out;
}

}  // namespace termd::shim
