#include "common/json_writer.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>
#include <limits>

using termd::json_writer;

namespace {

template <typename T>
std::string written(const T& value) {
    std::string text;
    json_writer(text).value(value);
    return text;
}

}  // namespace

TEST_CASE("commas stand between the members of what is written, and nowhere else") {
    std::string text;
    json_writer out(text);
    out.open('{');
    out.field("a", 1);
    out.name("b");
    out.open('[');
    out.value(true);
    out.open('{');
    out.close('}');
    out.open('[');
    out.close(']');
    out.value(std::string("["));
    out.value(nullptr);
    out.close(']');
    out.field("c:", nullptr);
    out.close('}');
    CHECK(text == R"({"a":1,"b":[true,{},[],"[",null],"c:":null})");
}

TEST_CASE("text is escaped as JSON wants it, in names too, and reads back the same") {
    CHECK(written(std::string("a\"b\\c\r\n\t\x01ü€")) == R"("a\"b\\c\r\n\t\u0001ü€")");
    CHECK(written(std::string("M\xfcller\xc3")) == "\"M\xef\xbf\xbdller\xef\xbf\xbd\"");
    std::string every;
    for (int c = 0; c < 128; ++c) every += static_cast<char>(c);
    CHECK(boost::json::parse(written(every)).as_string() == every);
    std::string text;
    json_writer out(text);
    out.open('{');
    out.field(every, 0);
    out.close('}');
    CHECK(boost::json::parse(text).as_object().begin()->key() == every);
}

TEST_CASE("numbers read back the same") {
    for (const double n : {0.0, 0.4, -1.25, 12345.678, 1e300, 5e-324})
        CHECK(boost::json::parse(written(n)).to_number<double>() == n);
    CHECK(written(std::numeric_limits<long long>::min()) == "-9223372036854775808");
    CHECK(written(std::uint64_t{1} << 53U) == "9007199254740992");
    CHECK(written(0) == "0");
}
