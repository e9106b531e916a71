#include "init/find_executable.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/unique_fd.h"
#include "init/tests/check.h"

namespace ocirt::testing {
namespace {

void make_file(const std::string& path, mode_t mode) {
  UniqueFd fd(open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  fchmod(fd.get(), mode);
}

std::string error_of(const std::string& name, const std::string& search) {
  Result<std::string> found = find_executable_path(name, search);
  return found ? "found " + *found : found.error().detail;
}

}  // namespace

void test_find_executable(Report& report) {
  TemporaryDirectory directory;
  const std::string& base = directory.path();
  mkdir((base + "/one").c_str(), 0755);
  mkdir((base + "/two").c_str(), 0755);
  mkdir((base + "/one/prog").c_str(), 0755);
  make_file(base + "/two/prog", 0755);
  make_file(base + "/one/data", 0644);

  std::string search = base + "/one:" + base + "/two/";
  // A directory of that name is passed over, and a trailing slash is nothing.
  CHECK(error_of("prog", search) == "found " + base + "/two/prog");
  CHECK(error_of("data", search) == "exec: \"data\": executable file not found in $PATH");
  CHECK(error_of("nope", "") == "exec: \"nope\": executable file not found in $PATH");
  CHECK(error_of("", search) == "exec: \"\": executable file not found in $PATH");
  CHECK(error_of(base + "/two/prog", "") == "found " + base + "/two/prog");
  CHECK(error_of("/no/such", "") == "exec: \"/no/such\": stat /no/such: no such file or directory");
  CHECK(error_of(base + "/one", "") == "exec: \"" + base + "/one\": is a directory");
  // No execute bit at all: not even for root.
  CHECK(error_of(base + "/one/data", "") == "exec: \"" + base + "/one/data\": permission denied");

  char before[4096];
  if (getcwd(before, sizeof before) && chdir((base + "/two").c_str()) == 0) {
    CHECK(error_of("./prog", "") == "found ./prog");
    CHECK(error_of("prog", ":/bin") ==
          "exec: \"prog\": cannot run executable found relative to current directory");
    (void)!chdir(before);
  }
  CHECK(quote("a\"b\\\n\x01") == "\"a\\\"b\\\\\\n\\x01\"");
}

}  // namespace ocirt::testing
