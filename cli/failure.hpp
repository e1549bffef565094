// Why a command of termctl did not do what was asked: the exit code and what a person reads on
// standard error. One line with the next step in it; only a few kinds need lines below it.
#pragma once

#include <boost/system/result.hpp>
#include <string>
#include <vector>

#include "common/errc.hpp"

namespace termd::cli {

struct failure {
    exit_code exit = exit_code::refused;
    std::string text;                  // safe to print: whatever came from outside is escaped
    std::vector<std::string> below{};  // further lines, printed indented
};

template <class T>
using outcome = boost::system::result<T, failure>;

// Makes outcome<T>::value() throw something that says what was wrong.
[[noreturn]] void throw_exception_from_error(const failure& f, const boost::source_location& where);

// "termctl: TEXT" and the lines below it, each with its newline.
std::string to_text(const failure& f);

}  // namespace termd::cli
