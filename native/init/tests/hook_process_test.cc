#include "init/hook_process.h"

#include <signal.h>

#include "init/tests/check.h"

namespace ocirt::testing {
namespace {

Result<HookOutcome> shell(const std::string& script, const std::string& input = "",
                          int timeout = 0) {
  return run_hook({"/bin/sh", {"sh", "-c", script}, {"PATH=/usr/bin:/bin", "V=1"}, input, timeout});
}

}  // namespace

void test_hook_process(Report& report) {
  auto fine = shell("read line; test \"$line\" = hello && test \"$V\" = 1", "hello\n");
  CHECK(fine && fine->succeeded());
  auto failed = shell("echo oops >&2; exit 3");
  CHECK(failed && failed->exit_code == 3 && failed->signal == 0);
  CHECK(failed && failed->error_output == "oops\n");
  auto killed = shell("kill -TERM $$");
  CHECK(killed && killed->exit_code == -1 && killed->signal == SIGTERM);
  // Its children go with it.
  auto slow = shell("sleep 60 & sleep 60", "", 1);
  CHECK(slow && slow->timed_out && !slow->succeeded());
  // More input than any buffer holds, and nobody who reads it.
  auto deaf = shell("exit 0", std::string(1 << 20, 'x'));
  CHECK(deaf && deaf->succeeded());
  auto loud = shell("head -c 100000 /dev/zero >&2; head -c 100000 /dev/zero; exit 1");
  CHECK(loud && loud->error_output.size() == 65536 && loud->exit_code == 1);
  auto missing = run_hook({"/no/such", {"x"}, {}, "", 0});
  CHECK(!missing && missing.error().errnum == ENOENT && missing.error().syscall == "execve");
}

}  // namespace ocirt::testing
