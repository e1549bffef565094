// What a running command has: what was given, how to ask termd, and where to print.
#pragma once

#include <boost/json/fwd.hpp>
#include <iosfwd>

#include "cli/client.hpp"
#include "cli/parse.hpp"
#include "cli/problem.hpp"
#include "cli/render.hpp"

namespace termd::cli {

class console {
  public:
    console(const invocation& call, const look& how, std::ostream& out, std::ostream& err)
        : call_(call), how_(how), out_(out), err_(err) {}

    const arguments& given() const { return call_.given; }
    const settings& set() const { return call_.set; }
    look how() const;  // with the time of now
    std::ostream& out() const { return out_; }
    std::ostream& err() const { return err_; }
    bool err_is_terminal() const;  // one on which a line can be drawn anew

    // A success of termd's, or a failure, whose next step speaks of `about`.
    outcome<answer> ask(const question& what, const subject& about = {},
                        std::function<void()> tick = nullptr) const;

    // The same of a termd that is somewhere else than --socket says.
    outcome<answer> ask_at(const std::string& socket, const question& what,
                           const subject& about = {}, std::function<void()> tick = nullptr) const;

    // Prints an answer the way -o asks for. Without `ids` there is nothing to print for -o id.
    exit_code print(const answer& a, renderer table, renderer ids = nullptr) const;

    // For a command that says nothing when it has worked, except what termd said, for -o json.
    exit_code done(const answer& a) const;

    // The most usual command: ask, then print the answer or the failure.
    exit_code ask_and_print(const question& what, renderer table, renderer ids = nullptr) const;

    // `about` is put in front, where one command does several things.
    exit_code refuse(const failure& f, std::string_view about = {}) const;

  private:
    const invocation& call_;
    look how_;
    std::ostream& out_;
    std::ostream& err_;
};

// The body as JSON; a failure when it is none.
outcome<boost::json::value> json_of(const answer& a);

}  // namespace termd::cli
