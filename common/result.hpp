// Errors as values: a word of the closed vocabulary, what happened in plain words, and, for bad
// input, which fields are wrong, or, for a host that is not trusted, its keys. result<T> holds either a T or an error; nothing in termd throws
// one across a module boundary.
#pragma once

#include <boost/system/result.hpp>
#include <string>
#include <vector>

#include "common/errc.hpp"

namespace termd {

struct field_problem {
    std::string field;    // as the caller wrote it: "host", "ports"
    std::string problem;  // one sentence without a full stop
};

// A key that has to do with the refusal of a host.
struct key_on_show {
    enum class kind { offered, known, revoked };  // by the host now; on record for it
    kind is;
    std::string type;         // "ssh-ed25519"
    std::string fingerprint;  // "SHA256:…"
};
std::string_view to_string(key_on_show::kind value);

struct error {
    errc code = errc::internal;
    std::string detail;
    std::vector<field_problem> fields;
    std::vector<key_on_show> keys;

    error() = default;
    error(errc c, std::string d = {}) : code(c), detail(std::move(d)) {}
    error(errc c, std::string d, std::vector<field_problem> f)
        : code(c), detail(std::move(d)), fields(std::move(f)) {}
};

template <class T>
using result = boost::system::result<T, error>;

// "detail: No such file or directory", for a failed system call.
error system_error(std::string what, int error_number);

// Makes result<T>::value() throw something that says what was wrong.
[[noreturn]] void throw_exception_from_error(const error& e, const boost::source_location& where);

}  // namespace termd
