#!/usr/bin/env python3
"""The lint's own tests: a checker that never finds anything would make every tree pass."""

import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True

import docs  # noqa: E402
import layers  # noqa: E402
import sizes  # noqa: E402


class Tree(unittest.TestCase):
    """A small tree that is right, to which each test does something wrong."""

    def setUp(self):
        self.root = Path(tempfile.mkdtemp(prefix="termd-lint-"))
        self.addCleanup(shutil.rmtree, self.root)
        self.write("common/text.hpp", "#pragma once\n#include <string>\n")
        self.write("os/clock.hpp", '#include <unistd.h>\n#include "common/text.hpp"\n')
        self.write("protocol/frame.hpp", '#include "common/text.hpp"\n')
        self.write("supervisor/model/session.hpp", '#include "protocol/frame.hpp"\n')
        self.write("supervisor/engine/engine.hpp", '#include "supervisor/model/session.hpp"\n')
        self.write("supervisor/platform/linux.hpp", '#include "os/clock.hpp"\n#include "supervisor/engine/engine.hpp"\n')
        self.write("supervisor/main.cpp", '#include "supervisor/platform/linux.hpp"\n#include <spdlog/spdlog.h>\n')

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


class Layers(Tree):
    def found(self):
        return layers.Check(str(self.root)).run()

    def finds(self, rule, place):
        self.assertEqual([f for f in self.found() if f.startswith(f"{place}: {rule}: ")], self.found())
        self.assertEqual(len(self.found()), 1)

    def test_a_tree_that_keeps_the_rules_passes(self):
        self.assertEqual(self.found(), [])

    def test_a_lower_folder_must_not_see_a_higher_one(self):
        self.write("supervisor/model/bad.cpp", '\n#include "supervisor/engine/engine.hpp"\n')
        found = self.found()
        self.assertTrue(any(f.startswith("supervisor/model/bad.cpp:2: layer: ") for f in found), found)

    def test_every_forbidden_edge_is_found(self):
        headers = {
            "common": "common/text.hpp",
            "os": "os/clock.hpp",
            "protocol": "protocol/frame.hpp",
            "supervisor/model": "supervisor/model/session.hpp",
            "supervisor/engine": "supervisor/engine/engine.hpp",
            "supervisor/platform": "supervisor/platform/linux.hpp",
        }
        for here, seen in layers.SEES.items():
            for there, header in headers.items():
                if here in ("supervisor", there):
                    continue
                name = f"{here}/probe_{there.replace('/', '_')}.cpp"
                self.write(name, f'#include "{header}"\n')
                complaints = [f for f in self.found() if f.startswith(f"{name}:1: layer: ")]
                self.assertEqual(len(complaints), 0 if there in seen else 1, (here, there))
                (self.root / name).unlink()

    def test_a_cycle_is_told_with_its_way(self):
        self.write("protocol/bad.hpp", '#include "supervisor/engine/engine.hpp"\n')
        cycles = [f for f in self.found() if ": cycle: " in f]
        self.assertEqual(len(cycles), 1, cycles)
        self.assertIn("protocol → supervisor/engine → supervisor/model → protocol", cycles[0])

    def test_the_table_itself_has_no_cycle(self):
        below = {folder: set(seen) for folder, seen in layers.SEES.items()}
        while below:
            lowest = {folder for folder, seen in below.items() if not seen}
            self.assertTrue(lowest, below)
            below = {folder: seen - lowest for folder, seen in below.items() if folder not in lowest}

    def test_a_pure_folder_touches_nothing(self):
        for header in ("unistd.h", "fcntl.h", "time.h", "ctime", "sys/socket.h", "random", "boost/asio.hpp",
                       "boost/asio/post.hpp", "spdlog/spdlog.h", "thread", "arpa/inet.h"):
            self.write("supervisor/model/bad.cpp", f"#include <{header}>\n")
            self.finds("pure folder", "supervisor/model/bad.cpp:1")

    def test_a_pure_folder_reads_no_clock_and_no_environment(self):
        for words in ("auto now = std::chrono::steady_clock::now();", 'return std::getenv("HOME");'):
            self.write("supervisor/engine/bad.cpp", f"{words}\n")
            self.finds("pure folder", "supervisor/engine/bad.cpp:1")
        self.write("supervisor/engine/bad.cpp", "// not steady_clock::now()\n")
        self.assertEqual(self.found(), [])

    def test_what_computes_is_allowed(self):
        self.write("supervisor/model/grammar.cpp", "#include <arpa/inet.h>\n#include <csignal>\n#include <strings.h>\n")
        self.assertEqual(self.found(), [])

    def test_an_include_names_its_folder(self):
        self.write("os/bad.cpp", '#include "clock.hpp"\n')
        self.finds("named by folder", "os/bad.cpp:1")

    def test_a_new_folder_gets_its_place_first(self):
        self.write("supervisor/new/new.cpp", "\n")
        self.finds("unknown folder", "supervisor/new/new.cpp:1")

    def test_programs_do_not_include_tests(self):
        self.write("tests/helper.hpp", "\n")
        self.write("os/bad.cpp", '#include "tests/helper.hpp"\n')
        self.finds("layer", "os/bad.cpp:1")


class Sizes(Tree):
    def found(self, exceptions=()):
        return sizes.problems(str(self.root), exceptions)[0]

    @staticmethod
    def names(text):
        return [name for name, _, _ in sizes.functions(sizes.blank(text))]

    def test_short_files_pass(self):
        self.assertEqual(self.found(), [])

    def test_a_long_file_is_found_unless_it_is_an_exception(self):
        self.write("os/long.cpp", "\n" * 400)
        self.assertEqual(self.found(), [])
        self.write("os/long.cpp", "\n" * 401)
        self.assertEqual(self.found(), ["os/long.cpp:1: the file has 401 lines, more than 400"])
        self.assertEqual(self.found({"os/long.cpp": "reason"}), [])

    def test_an_exception_that_is_not_needed_is_told(self):
        self.assertEqual(self.found({"os/clock.hpp": "reason"}), ["os/clock.hpp: is no exception any more"])

    def test_a_long_function_is_found_where_it_begins(self):
        for lines, wanted in ((58, []), (59, ["os/f.cpp:2: f has 61 lines, more than 60"])):
            self.write("os/f.cpp", "namespace x {\nint f(int a) {\n" + "\n" * lines + "}\n}\n")
            self.assertEqual(self.found(), wanted)

    def test_every_shape_of_a_function_is_known(self):
        self.assertEqual(
            self.names(
                """
                template <class T, class = std::enable_if_t<true>> auto one(T t) const -> std::vector<T> { return {t}; }
                struct stat_of : base { int member{5}; ~stat_of() noexcept { } stat_of(int a) : base(a), b{a}, c(a) { go(); } };
                extern "C" int two(void) { return '{' + "}"[0]; }  // }
                static const std::map<int, int> table{{1, 2}, {3, 4}};
                bool operator==(const x& a, const x& b) { if (a) { } else { } return [&] { return 1'000; }(); }
                enum class e : int { a, b };
                constexpr auto text = R"x({{{)x";
                #define MACRO { \\
                    {
                TEST_CASE("a { in words") { CHECK(true); }
                """
            ),
            ["one", "~stat_of", "stat_of", "two", "operator==", "TEST_CASE"],
        )


class Docs(Tree):
    def setUp(self):
        super().setUp()
        self.write("common/errc.cpp", 'errc_info{timeout, "timeout", 504},\n')
        self.write("protocol/vocabulary.hpp", "enum class end_reason {\n    user,  // somebody\n};\n")
        self.write("supervisor/api/metrics.cpp", 'head(out, "termd_ports", "gauge", "Ports.");\n')
        self.write("README.md", "[all](docs/operations.md#errors) [elsewhere](https://example.org)\n")
        self.describe("timeout", "user", "termd_ports")

    def describe(self, *words):
        self.write("docs/operations.md", "".join(f"| `{word}` | it means |\n" for word in words))

    def found(self):
        return [*docs.missing(self.root), *docs.dead_links(self.root)]

    def test_a_document_that_names_everything_passes(self):
        self.assertEqual(self.found(), [])

    def test_a_word_of_each_table_that_has_no_row_is_found(self):
        for gone in ("timeout", "user", "termd_ports"):
            self.describe(*{"timeout", "user", "termd_ports"} - {gone})
            self.assertEqual([f.rpartition(" ")[2] for f in self.found()], [gone])

    def test_a_word_that_stands_in_the_text_only_is_no_row(self):
        self.write("docs/operations.md", "`timeout`\n| about `timeout` | x |\n| `user` | `timeout` |\n| `termd_ports` | |\n")
        self.assertEqual(self.found(), [])
        self.write("docs/operations.md", "`timeout`\n| `user` | `timeout` |\n| `termd_ports` | |\n")
        self.assertEqual(self.found(), ["docs/operations.md: no row for the error timeout"])

    def test_a_link_to_nothing_is_found(self):
        self.write("docs/api.md", "[gone](gone.md)\n")
        self.assertEqual(self.found(), ["docs/api.md: gone.md is not there"])


BAD = """
#include <boost/asio/awaitable.hpp>
#include <string>
struct options { std::string name; };
boost::asio::awaitable<void> take(options);
boost::asio::awaitable<void> bad(std::string s) { co_await take(options{s}); }
"""
GOOD = BAD.replace("co_await take(options{s})", "options o{s}; co_await take(std::move(o))").replace("#include <string>", "#include <string>\n#include <utility>")


@unittest.skipUnless(shutil.which("clang-query") or shutil.which("clang-query-14"), "clang-query is missing")
class Coawait(Tree):
    def ask(self, text):
        self.write("file.cpp", text)
        self.write(
            "compile_commands.json",
            f'[{{"directory": "{self.root}", "file": "file.cpp", "command": "ccache c++ -std=c++20 -Werror -Wall -Wno-maybe-uninitialized -c file.cpp"}}]',
        )
        done = subprocess.run([HERE / "coawait", self.root], capture_output=True, text=True, timeout=120)
        return done.returncode, done.stdout

    def test_a_temporary_aggregate_in_a_co_await_expression_is_found(self):
        code, words = self.ask(BAD)
        self.assertEqual(code, 1, words)
        self.assertIn("file.cpp:6:", words)

    def test_one_that_has_a_name_is_not(self):
        self.assertEqual(self.ask(GOOD), (0, "checked: 1 files with co_await\n"))

    def test_what_clang_does_not_compile_is_told(self):
        code, words = self.ask(BAD + "nonsense;\n")
        self.assertEqual(code, 1)
        self.assertIn("does not compile", words)

    def test_a_tree_without_co_await_passes(self):
        self.assertEqual(self.ask("int x;\n"), (0, "no source has a co_await\n"))


if __name__ == "__main__":
    unittest.main()
