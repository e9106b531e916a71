#include "init/steps.h"

#include "init/step_names.h"
#include "init/tests/check.h"
#include "sys/caps.h"
#include "sys/errno_names.h"

namespace ocirt::testing {

void test_steps(Report& report) {
  bool all = true;
  for (std::string_view name : kStepNames) all = all && find_step(name) != nullptr;
  report.check(all, "every step name has a function");
  CHECK(find_step("no_such_step") == nullptr);
  CHECK(find_step("") == nullptr);

  CHECK(errno_text(ENOENT) == "no such file or directory");
  CHECK(errno_text(EACCES) == "permission denied");
  CHECK(errno_text(EPERM) == "operation not permitted");
  CHECK(errno_text(123456) == "errno 123456");
  CHECK(std::string(cap_name(0)) == "CAP_CHOWN");
  CHECK(std::string(cap_name(21)) == "CAP_SYS_ADMIN");
  CHECK(std::string(cap_name(40)) == "CAP_CHECKPOINT_RESTORE");
  CHECK(std::string(cap_name(63)) == "CAP_?");
}

}  // namespace ocirt::testing
