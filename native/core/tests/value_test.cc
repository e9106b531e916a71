#include "core/value.h"

#include <limits>

#include "init/tests/check.h"

namespace ocirt::testing {
namespace {

std::string encoded(const Value& value) {
  std::string out;
  encode(value, out);
  return out;
}

bool survives(const Value& value) {
  Value back;
  return decode(encoded(value), back) && back == value;
}

}  // namespace

void test_value(Report& report) {
  CHECK(survives(Value()));
  CHECK(survives(Value(true)));
  CHECK(survives(Value(false)));
  CHECK(survives(Value(int64_t{-1})));
  CHECK(survives(Value(std::numeric_limits<int64_t>::min())));
  // RLIM_INFINITY and full capability masks keep all their bits.
  CHECK(survives(Value(std::numeric_limits<uint64_t>::max())));
  CHECK(Value(std::numeric_limits<uint64_t>::max()).as_uint() == 18446744073709551615ULL);
  CHECK(survives(Value(1.5)));
  CHECK(survives(Value(std::string("a\0b", 3))));
  CHECK(survives(Value(Bytes{std::string("\xff\x00", 2)})));
  CHECK(!(Value("x") == Value(Bytes{"x"})));
  CHECK(survives(Value::object({{"list", Value(Value::Array{1, "two", Value()})}, {"n", 3}})));

  // The layout itself, as src/native and the documentation say it.
  CHECK(encoded(Value(int64_t{258})) == std::string("i\x02\x01\0\0\0\0\0\0", 9));
  CHECK(encoded(Value("ab")) == std::string("s\x02\0\0\0ab", 7));
  CHECK(encoded(Value::object({{"k", true}})) == std::string("o\x01\0\0\0\x01\0\0\0kt", 11));

  Value out;
  CHECK(!decode("", out));
  CHECK(!decode("x", out));
  CHECK(!decode("tt", out));
  CHECK(!decode(std::string("s\x05\0\0\0ab", 7), out));
  CHECK(!decode(std::string("a\xff\xff\xff\xff", 5), out));
  std::string deep;
  for (int i = 0; i < 100; i++) deep += std::string("a\x01\0\0\0", 5);
  CHECK(!decode(deep + "n", out));

  Value object = Value::object({{"a", 1}});
  CHECK(object["a"].as_int() == 1);
  CHECK(object["b"].is_null());
  CHECK(object["b"]["c"].as_string().empty());
  CHECK(Value("text").as_int(7) == 7);
}

}  // namespace ocirt::testing
