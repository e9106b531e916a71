// Resolution component by component: the rung for kernels without openat2(2), and the one way to
// make what is missing.
#pragma once

#include <fcntl.h>

#include <optional>

#include "path/resolve.h"

namespace ocirt {

// What is done about a missing component.
struct Creation {
  bool directories = false;         // make missing directories ...
  mode_t directory_mode = 0755;     // ... with this mode
  std::optional<mode_t> file = {};  // the last one, if missing, is a file of this mode
};

// Opens `path` below `root` with `flags`; see resolve_in_root. It holds a descriptor of every
// directory on the way, so ".." goes back to where it came from even if somebody moves
// directories meanwhile.
Result<UniqueFd> walk_in_root(int root, std::string_view path, int flags, const Creation& creation,
                              Links links = Links::followed);

}  // namespace ocirt
