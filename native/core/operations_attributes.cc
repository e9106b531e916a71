// What a file is beyond its bytes, read and written whole: for unpacking images, and for what has
// changed since.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

#include "core/operations_list.h"
#include "sys/files.h"

namespace ocirt::op {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

Result<std::vector<std::string>> attribute_names(const std::string& path) {
  std::string list(1024, '\0');
  for (;;) {
    ssize_t n = ::llistxattr(path.c_str(), list.data(), list.size());
    if (n >= 0) {
      list.resize(static_cast<size_t>(n));
      break;
    }
    if (errno == ENOTSUP) return std::vector<std::string>{};
    if (errno != ERANGE || list.size() > 65536) return sys_error("llistxattr", path);
    list.resize(list.size() * 4);
  }
  std::vector<std::string> names;
  for (size_t at = 0; at < list.size();) {
    size_t end = list.find('\0', at);
    names.push_back(list.substr(at, end - at));
    at = end + 1;
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<Value> attribute_values(const std::string& path) {
  auto names = attribute_names(path);
  if (!names) return names.error();
  Value::Array out;
  std::string value;
  for (const std::string& name : *names) {
    ssize_t n = ::lgetxattr(path.c_str(), name.c_str(), nullptr, 0);
    if (n >= 0) {
      value.resize(static_cast<size_t>(n));
      n = ::lgetxattr(path.c_str(), name.c_str(), value.data(), value.size());
    }
    // Gone meanwhile, or one that only others may read.
    if (n < 0 && (errno == ENODATA || errno == EPERM || errno == EACCES)) continue;
    if (n < 0) return sys_error("lgetxattr", path);
    value.resize(static_cast<size_t>(n));
    out.push_back(Value(Value::Array{Value(name), Value(Bytes{value})}));
  }
  return Value(std::move(out));
}

// What no value can be kept for: the file system has no place for it, or the caller no right to it.
bool refused(int error) {
  return error == ENOTSUP || error == EPERM || error == EACCES;
}

}  // namespace

Result<Value> makeNode(const Args& args) {
  OCIRT_C_STRING(path, args[0], "mknod");
  const std::string& type = args[1].as_string();
  mode_t kind = type == "fifo" ? S_IFIFO : type == "block-device" ? S_IFBLK : S_IFCHR;
  dev_t device =
      makedev(static_cast<unsigned>(args[2].as_int()), static_cast<unsigned>(args[3].as_int()));
  if (::mknod(path.c_str(), kind | 0600, device) != 0) return sys_error("mknod", path);
  return Value();
}

Result<Value> attributes(const Args& args) {
  OCIRT_C_STRING(path, args[0], "lstat");
  struct stat st {};
  if (::lstat(path.c_str(), &st) != 0) {
    if (errno == ENOENT) return Value();
    return sys_error("lstat", path);
  }
  auto xattrs = attribute_values(path);
  if (!xattrs) return xattrs.error();
  return Value::object({
      {"kind", static_cast<int64_t>(st.st_mode & S_IFMT)},
      {"mode", static_cast<int64_t>(st.st_mode & 07777)},
      {"uid", static_cast<int64_t>(st.st_uid)},
      {"gid", static_cast<int64_t>(st.st_gid)},
      {"size", static_cast<int64_t>(st.st_size)},
      {"links", static_cast<int64_t>(st.st_nlink)},
      {"dev", static_cast<uint64_t>(st.st_dev)},
      {"ino", static_cast<uint64_t>(st.st_ino)},
      {"major", static_cast<int64_t>(major(st.st_rdev))},
      {"minor", static_cast<int64_t>(minor(st.st_rdev))},
      {"mtimeNs", int64_t{st.st_mtim.tv_sec} * kSecond + st.st_mtim.tv_nsec},
      {"ctimeNs", int64_t{st.st_ctim.tv_sec} * kSecond + st.st_ctim.tv_nsec},
      {"xattrs", std::move(*xattrs)},
  });
}

Result<Value> setAttributes(const Args& args) {
  OCIRT_C_STRING(path, args[0], "utimensat");
  int fd = static_cast<int>(args[1].as_int(-1));
  int64_t uid = args[2].as_int(-1);
  int64_t mode = args[4].as_int(-1);
  // A change of owner takes setuid and file capabilities away: it comes first.
  if (uid >= 0) {
    auto owner = static_cast<uid_t>(uid);
    auto group = static_cast<gid_t>(args[3].as_int());
    int done = fd >= 0 ? ::fchown(fd, owner, group) : ::lchown(path.c_str(), owner, group);
    if (done != 0) return sys_error("chown", path);
  }
  Value::Array left_out;
  for (const Value& pair : args[6].as_array()) {
    OCIRT_C_STRING(name, pair.as_array().at(0), "lsetxattr");
    const std::string& value = pair.as_array().at(1).as_string();
    if (::lsetxattr(path.c_str(), name.c_str(), value.data(), value.size(), 0) == 0) continue;
    if (!refused(errno)) return sys_error("lsetxattr", path);
    left_out.push_back(Value(name));
  }
  if (mode >= 0) {
    auto bits = static_cast<mode_t>(mode);
    int done = fd >= 0 ? ::fchmod(fd, bits) : ::chmod(path.c_str(), bits);
    if (done != 0) return sys_error("chmod", path);
  }
  int64_t ns = args[5].as_int();
  // The kernel wants the nanoseconds positive, also before 1970.
  int64_t rest = (ns % kSecond + kSecond) % kSecond;
  timespec time{static_cast<time_t>((ns - rest) / kSecond), static_cast<long>(rest)};
  timespec times[] = {time, time};
  int done = fd >= 0 ? ::futimens(fd, times)
                     : ::utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW);
  if (done != 0) return sys_error("utimensat", path);
  return Value(std::move(left_out));
}

Result<Value> clearExtendedAttributes(const Args& args) {
  OCIRT_C_STRING(path, args[0], "lremovexattr");
  auto names = attribute_names(path);
  if (!names) return names.error();
  for (const std::string& name : *names) {
    // The host's own labels stay.
    if (name == "security.selinux") continue;
    if (::lremovexattr(path.c_str(), name.c_str()) != 0 && errno != ENODATA && !refused(errno)) {
      return sys_error("lremovexattr", path);
    }
  }
  return Value();
}

}  // namespace ocirt::op
