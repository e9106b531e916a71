// Copying a directory's contents by descriptors (tmpcopyup).
#pragma once

#include <string_view>

#include "core/result.h"

namespace ocirt {

// Copies what is below directory `from` into directory `to`, both opened for reading: files,
// directories, links, device nodes and pipes, with owner, mode, extended attributes and times.
// No link is followed. What is mounted below `from` is copied, too. Sockets are left out.
Status copy_tree(int from, int to, std::string_view path);

// Owner, mode, extended attributes and times of one to the other.
Status copy_metadata(int from, int to, bool with_mode, std::string_view path);

}  // namespace ocirt
