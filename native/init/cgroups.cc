#include "init/cgroups.h"

#include <unistd.h>

#include <cstdlib>

#include "init/steps.h"

namespace ocirt {

bool join_cgroups(char** numbers) {
  bool all = true;
  for (; *numbers; numbers++) {
    UniqueFd tasks(std::atoi(*numbers));
    all = write(tasks.get(), "0", 1) == 1 && all;
  }
  return all;
}

Status join_through_host(Context& context) {
  return ask(context, Value::object({{"type", "sync"}, {"name", "cgroups"}}), "continue");
}

}  // namespace ocirt
