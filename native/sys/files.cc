#include "sys/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <vector>

#include "sys/syscalls.h"

namespace ocirt {

Result<std::string> read_all(int fd, std::string_view path) {
  std::string out;
  size_t room = 4096;
  for (;;) {
    size_t have = out.size();
    out.resize(have + room);
    ssize_t n = ::read(fd, out.data() + have, room);
    if (n < 0) {
      if (errno != EINTR) return sys_error("read", path);
      n = 0;
      out.resize(have);
      continue;
    }
    out.resize(have + static_cast<size_t>(n));
    if (n == 0) return out;
    if (room < (1u << 20)) room *= 2;
  }
}

Result<std::string> read_file(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!fd) return sys_error("open", path);
  return read_all(fd.get(), path);
}

Status write_all(int fd, std::string_view data, std::string_view path) {
  while (!data.empty()) {
    ssize_t n = ::write(fd, data.data(), data.size());
    if (n < 0) {
      if (errno == EINTR) continue;
      return sys_error("write", path);
    }
    data.remove_prefix(static_cast<size_t>(n));
  }
  return {};
}

Status write_once(int fd, std::string_view data, std::string_view path) {
  ssize_t n;
  do {
    n = ::write(fd, data.data(), data.size());
  } while (n < 0 && errno == EINTR);
  if (n < 0) return sys_error("write", path);
  if (static_cast<size_t>(n) != data.size()) return make_error("write", EIO, path, "short write");
  return {};
}

Status write_file(const std::string& path, std::string_view data) {
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
  if (!fd) return sys_error("open", path);
  return write_once(fd.get(), data, path);
}

namespace {

// Takes the place of `path` at once. Where there is a file already the two are swapped: a rename
// over it has ext4 write the new one to the disk (auto_da_alloc), milliseconds for what does not
// outlive the boot.
Status put_in_place(const std::string& temporary, const std::string& path) {
  auto swap = [&] { return sys_exchange(temporary.c_str(), path.c_str()) == 0; };
  if (swap()) {
    if (::unlink(temporary.c_str()) == 0) return {};
    // A directory: what a rename would have refused.
    Error refused = sys_error("rename", path);
    swap();
    return refused;
  }
  // ENOENT: it is new. EINVAL, ENOSYS: the file system or the kernel can't swap.
  if (::rename(temporary.c_str(), path.c_str()) != 0) return sys_error("rename", path);
  return {};
}

}  // namespace

Status replace_file(const std::string& path, std::string_view data, mode_t mode) {
  // O_EXCL and a random name: two writers never share a temporary file, and a link that was put
  // there beforehand is not followed.
  std::string temporary;
  UniqueFd fd;
  for (int attempt = 0; attempt < 8 && !fd; attempt++) {
    unsigned char raw[8];
    if (::getrandom(raw, sizeof raw, 0) != sizeof raw) return sys_error("getrandom");
    temporary = path + ".";
    for (unsigned char byte : raw) {
      constexpr char kDigits[] = "0123456789abcdef";
      temporary += kDigits[byte >> 4];
      temporary += kDigits[byte & 15];
    }
    fd.reset(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (!fd && errno != EEXIST) return sys_error("open", temporary);
  }
  if (!fd) return make_error("open", EEXIST, temporary);

  Status done = write_all(fd.get(), data, temporary);
  // The mode is what was asked for, whatever the umask.
  if (done && ::fchmod(fd.get(), mode) != 0) done = sys_error("fchmod", temporary);
  if (done) done = put_in_place(temporary, path);
  if (!done) ::unlink(temporary.c_str());
  return done;
}

Result<bool> make_directories(const std::string& path, mode_t mode) {
  // Most often the parent is there already.
  if (::mkdir(path.c_str(), mode) == 0) return true;
  struct stat there {};
  if (errno == EEXIST && ::stat(path.c_str(), &there) == 0 && S_ISDIR(there.st_mode)) return false;
  bool made = false;
  for (size_t end = path.find_first_not_of('/'); end != std::string::npos;) {
    end = path.find('/', end);
    std::string part = path.substr(0, end);
    if (end != std::string::npos) end = path.find_first_not_of('/', end);
    made = ::mkdir(part.c_str(), mode) == 0;
    if (made || errno == EEXIST) continue;
    // On a read-only or denied parent that exists, mkdir says EROFS or EACCES in place of EEXIST.
    int saved = errno;
    struct stat st {};
    if (::stat(part.c_str(), &st) == 0) continue;
    return make_error("mkdir", saved, part);
  }
  struct stat st {};
  if (::stat(path.c_str(), &st) != 0) return sys_error("stat", path);
  if (!S_ISDIR(st.st_mode)) return make_error("mkdir", ENOTDIR, path);
  return made;
}

namespace {

struct CloseDirectory {
  void operator()(DIR* dir) const { ::closedir(dir); }
};

struct Level {
  std::unique_ptr<DIR, CloseDirectory> dir;
  std::string name;  // in its parent
  std::string path;  // for errors only
};

Result<Level> open_level(int parent, const std::string& name, const std::string& path,
                         dev_t device) {
  UniqueFd fd(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) return sys_error("openat", path);
  struct stat st {};
  if (::fstat(fd.get(), &st) != 0) return sys_error("fstat", path);
  // Never into another file system: something that is still mounted there is not ours to delete.
  if (st.st_dev != device) return make_error("openat", EXDEV, path);
  DIR* dir = ::fdopendir(fd.get());
  if (!dir) return sys_error("fdopendir", path);
  fd.release();
  return Level{std::unique_ptr<DIR, CloseDirectory>(dir), name, path};
}

}  // namespace

Result<std::vector<std::string>> directory_names(const std::string& path) {
  std::unique_ptr<DIR, CloseDirectory> dir(::opendir(path.c_str()));
  if (!dir) return sys_error("opendir", path);
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    dirent* entry = ::readdir(dir.get());
    if (!entry) break;
    std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) return sys_error("readdir", path);
  std::sort(names.begin(), names.end());
  return names;
}

Status remove_tree(const std::string& path) {
  struct stat st {};
  if (::lstat(path.c_str(), &st) != 0) {
    return errno == ENOENT ? Status() : Status(sys_error("lstat", path));
  }
  if (!S_ISDIR(st.st_mode)) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return sys_error("unlink", path);
    return {};
  }

  // A stack of open directories in place of recursion; each step acts through its parent's
  // descriptor, so a directory that is swapped for a link meanwhile is not followed.
  std::vector<Level> levels;
  Result<Level> top = open_level(AT_FDCWD, path, path, st.st_dev);
  if (!top) return top.error();
  levels.push_back(std::move(*top));
  while (!levels.empty()) {
    int fd = ::dirfd(levels.back().dir.get());
    errno = 0;
    dirent* entry = ::readdir(levels.back().dir.get());
    if (!entry) {
      if (errno != 0) return sys_error("readdir", levels.back().path);
      Level done = std::move(levels.back());
      levels.pop_back();
      int parent = levels.empty() ? AT_FDCWD : ::dirfd(levels.back().dir.get());
      if (::unlinkat(parent, done.name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT) {
        return sys_error("rmdir", done.path);
      }
      continue;
    }
    std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    std::string full = levels.back().path + "/" + name;
    if (entry->d_type != DT_DIR) {
      if (::unlinkat(fd, name.c_str(), 0) == 0 || errno == ENOENT) continue;
      if (errno != EISDIR) return sys_error("unlink", full);
    }
    Result<Level> next = open_level(fd, name, full, st.st_dev);
    if (!next) {
      if (next.error().errnum == ENOENT) continue;
      return next.error();
    }
    levels.push_back(std::move(*next));
  }
  return {};
}

}  // namespace ocirt
