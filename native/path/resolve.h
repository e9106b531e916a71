// The one place where paths inside a container's root are resolved. No component, link or ".."
// leads out of the root, whatever the container's files look like (CVE-2019-5736, CVE-2021-30465,
// CVE-2025-31133 and their kind).
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "core/result.h"
#include "core/unique_fd.h"

namespace ocirt {

// How a path is resolved: rungs of a ladder. `automatic` takes openat2(2) and, where the kernel
// has none (ENOSYS, before 5.6), or a filter denies it, walks component by component.
enum class Resolver { automatic, walk };

// Links on the way are followed inside the root, or refused with ELOOP.
enum class Links { followed, refused };

// Opens `path` (absolute or relative: both start at the root) with `flags` of open(2), O_CLOEXEC
// added. O_NOFOLLOW concerns the last component. Magic links of procfs are not followed as such.
Result<UniqueFd> resolve_in_root(int root, std::string_view path, int flags,
                                 Resolver resolver = Resolver::automatic,
                                 Links links = Links::followed);

// The directory `path` (O_PATH), made with its parents where missing; new ones get `mode` whatever
// the umask is. Links on the way are followed inside the root, dangling ones too: what they point
// at is made.
Result<UniqueFd> make_directories_in_root(int root, std::string_view path, mode_t mode,
                                          Resolver resolver = Resolver::automatic);

// The file `path` (O_PATH), made empty where missing; missing directories get 0755. What is there
// already is returned as it is, of whatever type.
Result<UniqueFd> make_file_in_root(int root, std::string_view path, mode_t mode,
                                   Resolver resolver = Resolver::automatic);

// The directory that holds the last component, and that component's name; for calls that take
// both and follow no link (mknodat, symlinkat). Missing directories are made with 0755.
struct Place {
  UniqueFd directory;
  std::string name;
};
Result<Place> make_place_in_root(int root, std::string_view path);

// "/a//b/./c/" and "a/b/c" become "/a/b/c"; ".." is taken lexically and ends at the root. For
// comparing paths, never for opening them.
std::string clean_path(std::string_view path);

}  // namespace ocirt
