#include "sys/copy_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <string>

#include "core/unique_fd.h"

namespace ocirt {
namespace {

// Deeper trees than this are refused: each level holds two descriptors.
constexpr int kMaxDepth = 256;

class Directory {
 public:
  explicit Directory(DIR* directory) : directory_(directory) {}
  ~Directory() {
    if (directory_) closedir(directory_);
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  explicit operator bool() const { return directory_ != nullptr; }
  DIR* get() const { return directory_; }

 private:
  DIR* directory_;
};

std::string join(std::string_view path, const char* name) {
  return std::string(path) + "/" + name;
}

// Attributes that the target file system doesn't take are left out, as cp(1) does.
void copy_attributes(int from, int to) {
  char names[8192];
  ssize_t length = flistxattr(from, names, sizeof names);
  for (ssize_t at = 0; at < length;) {
    const char* name = names + at;
    at += static_cast<ssize_t>(std::char_traits<char>::length(name)) + 1;
    char value[8192];
    ssize_t size = fgetxattr(from, name, value, sizeof value);
    if (size >= 0) (void)fsetxattr(to, name, value, static_cast<size_t>(size), 0);
  }
}

Status copy_contents(int from, int to, std::string_view path) {
  for (;;) {
    ssize_t n = sendfile(to, from, nullptr, size_t{1} << 24);
    if (n == 0) return {};
    if (n < 0 && errno != EINTR) return sys_error("sendfile", path);
  }
}

Status copy_file(int from, int to, const char* name, const std::string& path) {
  UniqueFd source(openat(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!source) return sys_error("openat", path);
  UniqueFd target(openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!target) return sys_error("openat", path);
  OCIRT_TRY(copy_contents(source.get(), target.get(), path));
  return copy_metadata(source.get(), target.get(), true, path);
}

Status copy_link(int from, int to, const char* name, const struct stat& status,
                 const std::string& path) {
  char content[PATH_MAX + 1];
  ssize_t length = readlinkat(from, name, content, PATH_MAX);
  if (length < 0) return sys_error("readlinkat", path);
  content[length] = '\0';
  if (symlinkat(content, to, name) < 0) return sys_error("symlinkat", path);
  if (fchownat(to, name, status.st_uid, status.st_gid, AT_SYMLINK_NOFOLLOW) < 0) {
    return sys_error("fchownat", path);
  }
  return {};
}

Status copy_node(int to, const char* name, const struct stat& status, const std::string& path) {
  if (mknodat(to, name, status.st_mode, status.st_rdev) < 0) return sys_error("mknodat", path);
  if (fchownat(to, name, status.st_uid, status.st_gid, AT_SYMLINK_NOFOLLOW) < 0) {
    return sys_error("fchownat", path);
  }
  // The node was made just now in a tmpfs that nobody else sees yet: no link can be there.
  if (fchmodat(to, name, status.st_mode & 07777, 0) < 0) return sys_error("fchmodat", path);
  return {};
}

Status copy_level(int from, int to, const std::string& path, int depth);

Status copy_directory(int from, int to, const char* name, const std::string& path, int depth) {
  UniqueFd source(openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!source) return sys_error("openat", path);
  if (mkdirat(to, name, 0700) < 0) return sys_error("mkdirat", path);
  UniqueFd target(openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!target) return sys_error("openat", path);
  OCIRT_TRY(copy_level(source.get(), target.get(), path, depth + 1));
  return copy_metadata(source.get(), target.get(), true, path);
}

Status copy_entry(int from, int to, const char* name, const std::string& path, int depth) {
  struct stat status;
  if (fstatat(from, name, &status, AT_SYMLINK_NOFOLLOW) < 0) return sys_error("fstatat", path);
  switch (status.st_mode & S_IFMT) {
    case S_IFDIR:
      return copy_directory(from, to, name, path, depth);
    case S_IFREG:
      return copy_file(from, to, name, path);
    case S_IFLNK:
      return copy_link(from, to, name, status, path);
    case S_IFSOCK:
      return {};  // nothing listens on a copy
    default:
      return copy_node(to, name, status, path);
  }
}

Status copy_level(int from, int to, const std::string& path, int depth) {
  if (depth > kMaxDepth) return make_error("openat", ELOOP, path);
  // A descriptor of its own: fdopendir(3) takes it over.
  UniqueFd again(openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!again) return sys_error("openat", path);
  Directory directory(fdopendir(again.get()));
  if (!directory) return sys_error("fdopendir", path);
  (void)again.release();
  for (;;) {
    errno = 0;
    dirent* entry = readdir(directory.get());
    if (!entry) return errno == 0 ? Status() : Status(sys_error("readdir", path));
    std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    OCIRT_TRY(copy_entry(from, to, entry->d_name, join(path, entry->d_name), depth));
  }
}

}  // namespace

Status copy_metadata(int from, int to, bool with_mode, std::string_view path) {
  struct stat status;
  if (fstat(from, &status) < 0) return sys_error("fstat", path);
  if (fchown(to, status.st_uid, status.st_gid) < 0) return sys_error("fchown", path);
  if (with_mode && fchmod(to, status.st_mode & 07777) < 0) return sys_error("fchmod", path);
  copy_attributes(from, to);
  timespec times[2] = {status.st_atim, status.st_mtim};
  if (futimens(to, times) < 0) return sys_error("futimens", path);
  return {};
}

Status copy_tree(int from, int to, std::string_view path) {
  return copy_level(from, to, std::string(path), 0);
}

}  // namespace ocirt
