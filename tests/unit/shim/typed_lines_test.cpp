#include "supervisor/shim/typed_lines.hpp"

#include <doctest/doctest.h>

#include <random>
#include <vector>

using namespace termd;
using namespace termd::shim;
using namespace std::chrono_literals;

namespace {

struct terminal {
    std::vector<typed_lines::line> told;
    typed_lines lines{512, [this](typed_lines::line line) { told.push_back(std::move(line)); }};
    boot_time now{1h};

    terminal& key(std::string_view keys) {
        lines.input(keys, now += 1ms);
        return *this;
    }
    terminal& show(std::string_view output) {
        lines.output(output, now += 1ms);
        return *this;
    }
    // As a terminal in its usual mode does.
    terminal& type(std::string_view text) {
        for (const char c : text) {
            key({&c, 1});
            show(c == '\r' ? "\r\n" : std::string_view(&c, 1));
        }
        return *this;
    }
    terminal& wait(std::chrono::milliseconds time) {
        lines.time_passed(now += time);
        return *this;
    }
    // "text" for a line that was shown, "-" for one that was not.
    std::string all() {
        std::string out;
        for (const auto& line : std::exchange(told, {}))
            out += (out.empty() ? "" : "|") + (line.echoed ? line.text : "-" + line.text);
        return out;
    }
};

}  // namespace

TEST_CASE("a line is told as the terminal showed it") {
    terminal t;
    t.show("$ ").type("ls -l\r").show("total 0\r\n$ ").type("pwd\r");
    CHECK(t.all() == "ls -l|pwd");
    t.show("/root\r\n$ ").type("\r");
    CHECK(t.all() == "");
}

TEST_CASE("a password is told as a line without a text") {
    terminal t;
    t.show("$ ").type("sudo id\r").show("[sudo] password for me: ");
    for (const char c : std::string_view("hunter2\r")) t.key({&c, 1});
    CHECK(t.all() == "sudo id");
    t.show("\r\n");
    CHECK(t.all() == "-");
    t.show("uid=0(root)\r\n$ ").type("id\r");
    CHECK(t.all() == "id");
    CHECK(t.lines.keys_kept() == 0);
}

TEST_CASE("a password after which no line is begun is no part of the next one") {
    terminal t;
    t.show("Password: ").key("secret\r").show("$ ").type("ls\r");
    CHECK(t.all() == "-|ls");
}

TEST_CASE("stars are no echo") {
    terminal t;
    t.show("Password: ");
    for (int i = 0; i < 7; ++i) t.key("x").show("*");
    t.key("\r").show("\r\n").wait(typed_lines::patience);
    CHECK(t.all() == "-");
}

TEST_CASE("output that comes while a password is typed does not make it shown") {
    terminal t;
    t.show("Password: ").key("hun").show("[1]+  Done   sleep 1").key("ter2\r").show("\r\nwelcome\r\n");
    t.wait(3s);
    const auto told = t.all();
    CHECK(told == "-");
}

TEST_CASE("corrections are those that the terminal shows") {
    terminal t;
    t.show("$ ").type("lsx").key("\x7f").show("\b\x1b[K").type(" -a\r");
    CHECK(t.all() == "ls -a");
    t.show("$ ").type("abc def").key("\x17").show("\b\b\b\x1b[K").type("x\r");
    CHECK(t.all() == "abc x");
    // ^U, and a character in the middle
    t.show("$ ").type("junk").key("\x15").show("\r$ \x1b[K").type("c x");
    t.key("\x1b[D\x1b[D").show("\b\b").key("d").show("\x1b[1@d").key("\r").show("\r\n");
    CHECK(t.all() == "cd x");
}

TEST_CASE("a line that is recalled is told, too") {
    terminal t;
    t.show("$ ").key("\x1b[A").show("make test").key("\r").show("\r\n");
    CHECK(t.all() == "make test");
    t.show("$ ").key("\x12").show("\r(reverse-i-search)`': ");
    t.key("m").show("\b\b\bm': make test\b\b\b\b\b\b\b\b\b");
    t.key("\r").show("\r\x1b[C\x1b[Cmake test\x1b[K\r\n");
    CHECK(t.all() == "make test");
}

TEST_CASE("a completed line is told whole, also below a list of what there is") {
    terminal t;
    t.show("$ ").type("cat /etc/ho").key("\t").show("\a");
    t.key("\t").show("\r\nhostname  hosts\r\n$ cat /etc/ho").type("sts\r");
    CHECK(t.all() == "cat /etc/hosts");
}

TEST_CASE("a line below which completions are listed is told without its text, and without them") {
    terminal t;  // as zsh does
    t.show("$ ").type("ls ho").key("\t").show("\a\r\r\n\x1b[Jhosts    hostname\x1b[A\r\x1b[2Cls ho\x1b[K");
    t.type("sts").key("\r").show("\r\r\n\x1b[Jhosts\r\n$ ");
    CHECK(t.all() == "-");
    CHECK(t.type("ls\r").all() == "ls");
}

TEST_CASE("a line that needs more than a row of the screen is one line") {
    terminal t;
    t.lines.resized({20, 5});
    t.show("0123456789$ ").type("echo this is more than one row\r");
    CHECK(t.all() == "echo this is more than one row");
}

TEST_CASE("a shell that goes to the next row by itself when one is full") {
    terminal t;  // as fish does
    t.lines.resized({10, 5});
    t.show("$ ").key("abcd efgh").show("abcd \r\x1b[7Cefg\r\r\nh\x1b[A\r\r\n\x1b[1C");
    t.type("ij\r");
    CHECK(t.all() == "abcd efghij");
}

TEST_CASE("a line of several rows that is painted anew while it is ended is told whole") {
    terminal t;  // as fish does, when it has found what the word in quotation marks is
    t.lines.resized({10, 5});
    t.show("$ ").type("a \"cd ef").show("\r\r\n").type(" gh").key("\"\r");
    t.show("\x1b[A\r\x1b[4C\"cd ef\r\r\n gh\"\r\n");
    CHECK(t.all() == "a \"cd ef gh\"");
}

TEST_CASE("a line that just fills its row ends there") {
    terminal t;  // as readline does: it goes to the next row with a blank, and comes back for the end
    t.lines.resized({10, 5});
    t.show("$ ").type("abcdefgh").show(" \r").key("\r").show("\x1b[A\r\x1b[9C\x1b[Kh\r\n").show("out\r\n$ ");
    CHECK(t.all() == "abcdefgh");
    CHECK(t.type("ls\r").all() == "ls");
}

TEST_CASE("the prompt is where it is also when the output before it came in pieces") {
    terminal t;
    t.lines.resized({10, 5});
    t.show("abc").show("def\r\n$ ").type("abcdefgh").show(" \r").key("\r").show("\x1b[A\r\x1b[9C\x1b[Kh\r\n");
    CHECK(t.all() == "abcdefgh");
}

TEST_CASE("output is not told as a line whose prompt is drawn anew in a row above") {
    terminal t;  // as prompts of two rows do that shrink to one
    t.show("~\r\n$ ").type("echo hi").key("\r").show("\x1b[A\r\x1b[J> echo hi\r\n").show("hi there\r\n");
    CHECK(t.all() == "-");
}

TEST_CASE("what stands at the right of the prompt was not typed") {
    terminal t;
    t.show("$ \x1b[70C12:30\x1b[75D").type("ls\r");
    CHECK(t.all() == "ls");
    t.show("$ ").key("l").show("l\x1b[70C12:30\x1b[75D").type("s\r");
    CHECK(t.all() == "ls");
}

TEST_CASE("a shell that paints its line anew with each key") {
    terminal t;
    t.show("> ");
    for (const std::string part : {"g", "gi", "git"})
        t.key(part.substr(part.size() - 1)).show("\r\x1b[K> \x1b[32m" + part + "\x1b[39m");
    t.key("\r").show("\r\n");
    CHECK(t.all() == "git");
}

TEST_CASE("keys that come ahead of their echo belong to their lines") {
    terminal t;
    t.show("$ ").key("sleep 1\rls\r").show("sleep 1\r\n");
    CHECK(t.all() == "sleep 1");
    t.show("ls\r\n");
    CHECK(t.all() == "ls");
    t.show("$ ls\r\nfile\r\n$ ");
    CHECK(t.all() == "");
}

TEST_CASE("keys that come ahead of the prompt are told without it") {
    terminal t;
    t.show("out").key("echo so").show("put\r\nroot@server:~# echo so").type(" on\r");
    CHECK(t.all() == "echo so on");
    t.key("echo hello\r").show("more\r\nroot@server:~# echo hello\r\nhello\r\n");
    CHECK(t.all() == "echo hello");
}

TEST_CASE("a key that is a command, and not shown, does not spoil the line") {
    terminal t;
    t.show("$ ").key("\x1b").wait(100ms).key("0").wait(100ms).key("i").show("\r\x1b[2C").wait(100ms);
    t.type("pwd\r");
    CHECK(t.all() == "pwd");
}

TEST_CASE("what is given up is not told") {
    terminal t;
    t.show("$ ").type("rm -r").key("\x03").show("^C\r\n$ ").type("ls\r");
    CHECK(t.all() == "ls");
}

TEST_CASE("a full-screen program is not listened to") {
    terminal t;
    t.show("$ ").type("vim\r");
    CHECK(t.all() == "vim");
    t.show("\x1b[?1049h\x1b[H").type("ihello\r").show("\x1b[?1049l$ ").type("ls\r");
    CHECK(t.all() == "ls");
}

TEST_CASE("a pasted page is one line, or as many as end") {
    terminal t;
    t.show("$ ").key("\x1b[200~a\rb\x1b[201~").show("a\r\nb").key("\r").show("\r\n");
    CHECK(t.all() == "a\nb");
    t.show("$ ").key("x\ry\rz\r").show("x\r\n$ y\r\n$ z\r\n");
    CHECK(t.all() == "x|y|z");
}

TEST_CASE("a line is cut after so many characters, and that is told") {
    terminal t;
    t.lines.resized({200, 50});
    t.show("$ ").type(std::string(600, 'x') + "\r");
    REQUIRE(t.told.size() == 1);
    CHECK(t.told[0].text == std::string(512, 'x'));
    CHECK(t.told[0].cut);
}

TEST_CASE("a key that nothing shows is forgotten after a moment") {
    terminal t;
    t.show("Password: ").key("secret");
    CHECK(t.lines.keys_kept() == 6);
    CHECK(t.lines.due() == t.now + typed_lines::patience);
    t.wait(typed_lines::patience);
    CHECK(t.lines.keys_kept() == 0);
    t.key("\r").show("\r\n");
    CHECK(t.all() == "-");
}

TEST_CASE("the end of a line that shows nothing is an end after a moment") {
    terminal t;
    t.show("$ ").type("read x").key("\r").wait(typed_lines::patience);
    CHECK(t.all() == "read x");
    CHECK_FALSE(t.lines.due().has_value());
}

TEST_CASE("wide characters and those without a width are where the terminal has them") {
    terminal t;
    t.show("日本$ ").type("echo ").key("日").show("日").key("x").show("x");
    t.key("\x7f").show("\b\x1b[K").key("\x7f").show("\b\b\x1b[K").type("ok\r");
    CHECK(t.all() == "echo ok");
}

TEST_CASE("keys without end cost no memory") {
    terminal t;
    for (int i = 0; i < 10'000; ++i) t.key("abc");
    CHECK(t.lines.keys_kept() <= typed_lines::most_keys);
    CHECK(t.lines.take_given_up() > 0);
    t.wait(3s).key("\x03").show("$ ").type("ls\r");
    CHECK(t.all() == "ls");
}

TEST_CASE("whatever comes, a text has nothing that was not shown") {
    const std::vector<std::string> keys{"a", "b", "\r", "\x7f", "\x15", "\x1b[A", "\t", "\x03", "S"};
    const std::vector<std::string> outputs{"a",      "b",       "\r\n",   "\b",       "\x1b[K",
                                           "\x1b[C", "\x1b[2A", "\x1b[P", "\x1b[4@", "$ ",
                                           "\r",     "\x1b[H",  "\x1b[J", "\n",       "日"};
    std::mt19937 random(11);
    for (int round = 0; round < 2000; ++round) {
        terminal t;
        t.lines.resized({static_cast<int>(2 + random() % 30), 5});
        for (int i = 0; i < 60; ++i) {
            if (random() % 2 == 0) t.key(keys[random() % keys.size()]);
            else t.show(outputs[random() % outputs.size()]);
            if (random() % 30 == 0) t.wait(2s);
        }
        for (const auto& line : t.told) {
            CHECK((line.echoed || line.text.empty()));
            CHECK(line.text.find('S') == std::string::npos);
        }
    }
}
