#include "path/resolve.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <vector>

#include "path/walk.h"

namespace ocirt {
namespace {

// openat2 answers EAGAIN when a rename or mount happened meanwhile, and ".." can't be trusted.
constexpr int kMaxAttempts = 64;

// -1 with errno, like the system call.
int open_beneath(int root, const std::string& path, int flags, Links links) {
  open_how how{};
  how.flags = static_cast<uint64_t>(flags) | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  if (links == Links::refused) how.resolve |= RESOLVE_NO_SYMLINKS;
  for (int attempt = 0; attempt < kMaxAttempts; attempt++) {
    long fd = syscall(SYS_openat2, root, path.c_str(), &how, sizeof how);
    if (fd >= 0) return static_cast<int>(fd);
    if (errno != EAGAIN && errno != EINTR) return -1;
  }
  return -1;
}

// True where the rung of openat2 is not there: an old kernel, or a filter (some deny new calls
// with EPERM; the walk then gives the true answer).
bool unavailable(int error) {
  return error == ENOSYS || error == EPERM;
}

Result<UniqueFd> make(int root, std::string_view path, const Creation& creation, int flags,
                      Resolver resolver) {
  // Nearly always all of it is there.
  Result<UniqueFd> found = resolve_in_root(root, path, flags, resolver);
  if (found || found.error().errnum != ENOENT) return found;
  return walk_in_root(root, path, flags, creation);
}

}  // namespace

Result<UniqueFd> resolve_in_root(int root, std::string_view path, int flags, Resolver resolver,
                                 Links links) {
  std::string name(path.empty() ? std::string_view("/") : path);
  if (resolver == Resolver::automatic) {
    UniqueFd fd(open_beneath(root, name, flags, links));
    if (fd) return fd;
    if (!unavailable(errno)) return sys_error("openat2", path);
  }
  return walk_in_root(root, name, flags, Creation{}, links);
}

Result<UniqueFd> make_directories_in_root(int root, std::string_view path, mode_t mode,
                                          Resolver resolver) {
  Creation creation;
  creation.directories = true;
  creation.directory_mode = mode;
  return make(root, path, creation, O_PATH | O_DIRECTORY, resolver);
}

Result<UniqueFd> make_file_in_root(int root, std::string_view path, mode_t mode,
                                   Resolver resolver) {
  Creation creation;
  creation.directories = true;
  creation.file = mode;
  return make(root, path, creation, O_PATH, resolver);
}

Result<Place> make_place_in_root(int root, std::string_view path) {
  std::string cleaned = clean_path(path);
  size_t slash = cleaned.rfind('/');
  std::string name = cleaned.substr(slash + 1);
  if (name.empty()) return make_error("openat", EEXIST, path, "it is the root itself");
  Result<UniqueFd> directory =
      make_directories_in_root(root, std::string_view(cleaned).substr(0, slash + 1), 0755);
  if (!directory) return directory.error();
  return Place{std::move(*directory), std::move(name)};
}

std::string clean_path(std::string_view path) {
  std::vector<std::string_view> parts;
  size_t begin = 0;
  while (begin <= path.size()) {
    size_t end = path.find('/', begin);
    if (end == std::string_view::npos) end = path.size();
    std::string_view part = path.substr(begin, end - begin);
    if (part == "..") {
      if (!parts.empty()) parts.pop_back();
    } else if (!part.empty() && part != ".") {
      parts.push_back(part);
    }
    begin = end + 1;
  }
  std::string out;
  for (std::string_view part : parts) (out += '/') += part;
  return out.empty() ? "/" : out;
}

}  // namespace ocirt
