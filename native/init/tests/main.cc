// ocirt-native-tests: the tests of the native parts that need no container; TAP on stdout.
#include <ftw.h>
#include <stdlib.h>
#include <unistd.h>

#include "init/tests/check.h"

namespace ocirt::testing {

TemporaryDirectory::TemporaryDirectory() {
  char name[] = "/tmp/ocirt-test-XXXXXX";
  if (char* made = mkdtemp(name)) path_ = made;
}

TemporaryDirectory::~TemporaryDirectory() {
  if (path_.empty()) return;
  nftw(
      path_.c_str(),
      [](const char* path, const struct stat*, int, struct FTW*) { return remove(path); }, 16,
      FTW_DEPTH | FTW_PHYS);
}

}  // namespace ocirt::testing

int main() {
  using namespace ocirt::testing;
  Report report;
  test_value(report);
  test_channel(report);
  test_netlink_parse(report);
  test_resolve(report);
  test_environment(report);
  test_find_executable(report);
  test_hook_process(report);
  test_memory(report);
  test_scheduling(report);
  test_steps(report);
  std::printf("1..%d\n", report.count());
  return report.failed() == 0 ? 0 : 1;
}
