// The standalone's end where there is no memory for what cannot fail. What JavaScript asks for can:
// it gets an exception, which undoes what the verb has done (arena.cc).
#include "musl/out_of_memory.h"

#include <unistd.h>

namespace ocirt {

void end_out_of_memory() {
  constexpr char kMessage[] =
      "ocirt: out of memory: a limit of address space (ulimit -v), or the machine has no more\n";
  (void)!::write(STDERR_FILENO, kMessage, sizeof kMessage - 1);
  ::_exit(1);
}

}  // namespace ocirt
