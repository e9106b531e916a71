// Pipes.
#pragma once

#include "core/result.h"
#include "core/unique_fd.h"

namespace ocirt {

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

// Both ends close-on-exec, and above 2 also where the caller was started without 0, 1 or 2.
Result<Pipe> make_pipe();

// Moves a descriptor above 2, where a child's dup2 onto 0, 1 and 2 leaves it alone.
Status lift(UniqueFd& fd);

}  // namespace ocirt
