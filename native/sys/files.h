// Files of the host: whole reads, batches of writes, removal of trees.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/unique_fd.h"

namespace ocirt {

// Everything from the descriptor's position to the end of the stream.
Result<std::string> read_all(int fd, std::string_view path);

// The whole contents of a file; `/proc` and `/sys` files included, whose size is not known before.
Result<std::string> read_file(const std::string& path);

// Writes all of it, across partial writes and EINTR.
Status write_all(int fd, std::string_view data, std::string_view path = {});

// One write(2) of all of it, as kernel files want; a short write is EIO.
Status write_once(int fd, std::string_view data, std::string_view path);

// open(O_WRONLY|O_CLOEXEC) and write_once.
Status write_file(const std::string& path, std::string_view data);

// Atomic replacement of `path` by a new file of that mode, through a temporary name beside it.
Status replace_file(const std::string& path, std::string_view data, mode_t mode);

// mkdir -p. True if the last part was made now.
Result<bool> make_directories(const std::string& path, mode_t mode);

// The names in a directory but . and .., sorted by their bytes.
Result<std::vector<std::string>> directory_names(const std::string& path);

// rm -rf of what `path` names, without following links and without leaving its file system.
// Nothing happens where it is missing.
Status remove_tree(const std::string& path);

}  // namespace ocirt
