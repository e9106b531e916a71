// Whoever runs elsewhere for a while comes back to where it was.
#include "sys/scheduling.h"

#include <sched.h>

#include <cerrno>

#include "init/tests/check.h"

namespace ocirt::testing {
namespace {

cpu_set_t allowed() {
  cpu_set_t set;
  CPU_ZERO(&set);
  (void)sched_getaffinity(0, sizeof set, &set);
  return set;
}

}  // namespace

void test_scheduling(Report& report) {
  cpu_set_t before = allowed();
  int last = -1;
  for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
    if (CPU_ISSET(cpu, &before)) last = cpu;
  }
  {
    ScopedAffinity affinity;
    report.check(bool(affinity.enter({last})), "a CPU of ours can be chosen");
    cpu_set_t chosen = allowed();
    report.check(CPU_COUNT(&chosen) == 1 && CPU_ISSET(last, &chosen), "it is the only one then");
  }
  cpu_set_t after = allowed();
  report.check(CPU_EQUAL(&before, &after), "afterwards all are back");
  {
    ScopedAffinity affinity;
    Status refused = affinity.enter({60000});
    report.check(!refused && refused.error().errnum == EINVAL, "one that there is not is refused");
  }
  cpu_set_t still = allowed();
  report.check(CPU_EQUAL(&before, &still), "and nothing has changed");
}

}  // namespace ocirt::testing
