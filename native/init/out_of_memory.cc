// The helper's end where there is no memory. It has no stream of its own to say it on, the
// container's it is: its status tells the host.
#include "musl/out_of_memory.h"

#include <unistd.h>

#include <cerrno>

namespace ocirt {

// HELPER_OUT_OF_MEMORY of src/plan/messages.ts.
void end_out_of_memory() {
  ::_exit(ENOMEM);
}

}  // namespace ocirt
