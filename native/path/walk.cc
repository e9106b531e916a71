#include "path/walk.h"

#include <limits.h>
#include <linux/magic.h>
#include <sys/stat.h>

#include <vector>

#include "sys/mounts.h"
#include "sys/umask.h"

namespace ocirt {
namespace {

// As the kernel's own limit (MAXSYMLINKS).
constexpr int kMaxLinks = 40;
// PROC_ROOT_INO.
constexpr ino_t kProcRootInode = 1;

// Components still to go, the next one last. Text of a link is pushed on top.
void push_components(std::string_view path, std::vector<std::string>& todo) {
  size_t end = path.size();
  while (end > 0) {
    size_t slash = path.rfind('/', end - 1);
    size_t begin = slash == std::string_view::npos ? 0 : slash + 1;
    std::string_view name = path.substr(begin, end - begin);
    if (!name.empty() && name != ".") todo.emplace_back(name);
    if (slash == std::string_view::npos) break;
    end = slash;
  }
}

class Walker {
 public:
  Walker(int root, std::string_view path, const Creation& creation, Links links)
      : root_(root), path_(path), creation_(creation), links_(links) {
    push_components(path, todo_);
  }

  Result<UniqueFd> run(int flags) {
    while (!todo_.empty()) {
      std::string name = std::move(todo_.back());
      todo_.pop_back();
      if (name == "..") {
        if (!below_.empty()) below_.pop_back();
      } else if (todo_.empty() && (flags & O_NOFOLLOW)) {
        return last(name, flags);
      } else {
        OCIRT_TRY(step(name));
      }
    }
    return reopen(flags);
  }

 private:
  int here() const { return below_.empty() ? root_ : below_.back().get(); }

  Error failed(std::string_view syscall) const { return sys_error(syscall, path_); }

  // Opens the last component itself, even if it is a link.
  Result<UniqueFd> last(const std::string& name, int flags) {
    UniqueFd fd(openat(here(), name.c_str(), flags | O_NOFOLLOW | O_CLOEXEC));
    if (!fd) return failed("openat");
    return fd;
  }

  // Goes to `name`: expands a link, makes what is missing.
  Status step(const std::string& name) {
    // A second round where somebody else made it, or removed it, meanwhile.
    for (int attempt = 0; attempt < 8; attempt++) {
      UniqueFd fd(openat(here(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
      if (!fd) {
        if (errno != ENOENT || !creation_.directories) return failed("openat");
        OCIRT_TRY(make(name));
        continue;
      }
      struct stat status;
      if (fstat(fd.get(), &status) < 0) return failed("fstat");
      if (S_ISLNK(status.st_mode)) return follow(fd.get());
      if (!S_ISDIR(status.st_mode) && !todo_.empty()) {
        errno = ENOTDIR;
        return failed("openat");
      }
      below_.push_back(std::move(fd));
      return {};
    }
    errno = ENOENT;
    return failed("openat");
  }

  // As openat2 with RESOLVE_NO_MAGICLINKS: a magic link of procfs goes where the kernel says, and
  // its text may name something else. Those that are none are in the top directory (self, mounts).
  bool magic(int link) const {
    struct stat directory;
    return file_system_type(link) == PROC_SUPER_MAGIC &&
           (fstat(here(), &directory) < 0 || directory.st_ino != kProcRootInode);
  }

  Status follow(int link) {
    if (links_ == Links::refused || ++followed_ > kMaxLinks || magic(link)) {
      errno = ELOOP;
      return failed("openat");
    }
    char text[PATH_MAX];
    ssize_t length = readlinkat(link, "", text, sizeof text);
    if (length < 0) return failed("readlinkat");
    std::string_view content(text, static_cast<size_t>(length));
    if (content.empty()) {
      errno = ENOENT;
      return failed("readlinkat");
    }
    if (content.front() == '/') below_.clear();
    push_components(content, todo_);
    return {};
  }

  Status make(const std::string& name) {
    ScopedUmask umask(0);
    if (todo_.empty() && creation_.file) {
      UniqueFd fd(openat(here(), name.c_str(), O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC,
                         *creation_.file));
      if (!fd && errno != EEXIST) return failed("openat");
    } else if (mkdirat(here(), name.c_str(), creation_.directory_mode) < 0 && errno != EEXIST) {
      return failed("mkdirat");
    }
    return {};
  }

  // What has been reached, with the flags asked for.
  Result<UniqueFd> reopen(int flags) {
    if (below_.empty()) {
      UniqueFd fd(openat(root_, ".", flags | O_CLOEXEC));
      if (!fd) return failed("openat");
      return fd;
    }
    if (flags & O_PATH) {
      if (flags & O_DIRECTORY) {
        struct stat status;
        if (fstat(below_.back().get(), &status) < 0) return failed("fstat");
        if (!S_ISDIR(status.st_mode)) {
          errno = ENOTDIR;
          return failed("openat");
        }
      }
      UniqueFd fd = std::move(below_.back());
      return fd;
    }
    // An O_PATH descriptor is opened for real through its magic link, which needs no name that
    // could have changed.
    std::string link = "/proc/self/fd/" + std::to_string(below_.back().get());
    UniqueFd fd(open(link.c_str(), flags | O_CLOEXEC));
    if (!fd) return failed("open");
    return fd;
  }

  int root_;
  std::string path_;
  Creation creation_;
  Links links_;
  std::vector<std::string> todo_;
  std::vector<UniqueFd> below_;  // from the root down to where we are
  int followed_ = 0;
};

}  // namespace

Result<UniqueFd> walk_in_root(int root, std::string_view path, int flags, const Creation& creation,
                              Links links) {
  return Walker(root, path, creation, links).run(flags);
}

}  // namespace ocirt
