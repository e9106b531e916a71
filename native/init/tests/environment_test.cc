#include "init/environment.h"

#include "init/tests/check.h"

namespace ocirt::testing {
namespace {

using Env = std::vector<std::string>;

bool cleans_to(const Env& env, const Env& expected) {
  Result<Env> cleaned = clean_environment(env);
  return cleaned && *cleaned == expected;
}

constexpr std::string_view kPasswd =
    "# comment\n"
    "root:x:0:0:root:/root:/bin/sh\n"
    "short:x:5\n"
    "bob:x:1000:1000:Bob B:/home/bob:/bin/sh\n"
    "again:x:1000:1:second:/elsewhere:/bin/sh\n"
    "text:x:1x:1::/no:/bin/sh\n"
    "last:x:7:7::/last:/bin/sh";

}  // namespace

void test_environment(Report& report) {
  CHECK(cleans_to({}, {}));
  CHECK(cleans_to({"A=1", "B=2"}, {"A=1", "B=2"}));
  CHECK(cleans_to({"A=1", "B=2", "A=3"}, {"B=2", "A=3"}));
  CHECK(cleans_to({"A="}, {"A="}));
  CHECK(cleans_to({"HOME="}, {}));
  CHECK(cleans_to({"HOME=/x", "HOME="}, {}));
  CHECK(cleans_to({"HOME=", "HOME=/x"}, {"HOME=/x"}));
  CHECK(cleans_to({"A=b=c"}, {"A=b=c"}));
  CHECK(!clean_environment({"novalue"}));
  CHECK(!clean_environment({"=x"}));
  CHECK(!clean_environment({std::string("A=\0b", 4)}));

  Env env = {"PATHOLOGY=1", "PATH=/bin"};
  CHECK(find_entry(env, "PATH") == &env[1]);
  CHECK(find_entry(env, "PAT") == nullptr);

  CHECK(home_in_passwd(kPasswd, 0) == "/root");
  CHECK(home_in_passwd(kPasswd, 1000) == "/home/bob");
  CHECK(home_in_passwd(kPasswd, 7) == "/last");
  CHECK(home_in_passwd(kPasswd, 5).empty());
  CHECK(home_in_passwd(kPasswd, 1).empty());
  CHECK(home_in_passwd("", 0).empty());
}

}  // namespace ocirt::testing
