// What a file is beyond its bytes, read and written whole: for unpacking images, and for what has
// changed since. With thousands of files the calls count, so one call does all of a file, or of a
// folder.
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

Result<Value::Array> attribute_values(const std::string& path) {
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
  return out;
}

// What no value can be kept for: the file system has no place for it, or the caller no right to it.
bool refused(int error) {
  return error == ENOTSUP || error == EPERM || error == EACCES;
}

struct Attributes {
  int64_t uid, gid, mode, ns;
  const Value::Array& xattrs;
};

// Those of a call, from its argument `first` on.
Attributes attributes_of(const Args& args, size_t first) {
  return {args[first].as_int(-1), args[first + 1].as_int(), args[first + 2].as_int(-1),
          args[first + 3].as_int(), args[first + 4].as_array()};
}

// Sets them, by the path where the descriptor is -1. With `now`, the owner and mode that it has,
// those that are right already are left alone: each change is a transaction of the file system.
Result<Value> set_attributes(const std::string& path, int fd, const Attributes& wanted,
                             const struct stat* now) {
  bool right = false;
  // A change of owner takes setuid and file capabilities away: it comes first.
  if (wanted.uid >= 0) {
    auto owner = static_cast<uid_t>(wanted.uid);
    auto group = static_cast<gid_t>(wanted.gid);
    right = now && now->st_uid == owner && now->st_gid == group;
    int done = right     ? 0
               : fd >= 0 ? ::fchown(fd, owner, group)
                         : ::lchown(path.c_str(), owner, group);
    if (done != 0) return sys_error("chown", path);
  } else {
    right = now != nullptr;
  }
  Value::Array left_out;
  for (const Value& pair : wanted.xattrs) {
    OCIRT_C_STRING(name, pair.as_array().at(0), "lsetxattr");
    const std::string& value = pair.as_array().at(1).as_string();
    if (::lsetxattr(path.c_str(), name.c_str(), value.data(), value.size(), 0) == 0) continue;
    if (!refused(errno)) return sys_error("lsetxattr", path);
    left_out.push_back(Value(name));
  }
  if (wanted.mode >= 0) {
    auto bits = static_cast<mode_t>(wanted.mode);
    // An ACL is in the mode, too.
    right = right && wanted.xattrs.empty() && (now->st_mode & 07777) == bits;
    int done = right ? 0 : fd >= 0 ? ::fchmod(fd, bits) : ::chmod(path.c_str(), bits);
    if (done != 0) return sys_error("chmod", path);
  }
  // The kernel wants the nanoseconds positive, also before 1970.
  int64_t rest = (wanted.ns % kSecond + kSecond) % kSecond;
  timespec time{static_cast<time_t>((wanted.ns - rest) / kSecond), static_cast<long>(rest)};
  timespec times[] = {time, time};
  int done = fd >= 0 ? ::futimens(fd, times)
                     : ::utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW);
  if (done != 0) return sys_error("utimensat", path);
  return Value(std::move(left_out));
}

// What a folder has in it, collected for one answer.
struct Listing {
  Value::Array names, numbers, xattrs;

  // False: there is no such name any more.
  Result<bool> add(int folder, const std::string& here, const std::string& name) {
    struct stat st {};
    if (::fstatat(folder, name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT) return false;
      return sys_error("fstatat", here + name);
    }
    auto values = attribute_values(here + name);
    if (!values && values.error().errnum == ENOENT) return false;
    if (!values) return values.error();
    for (Value& pair : *values) {
      xattrs.push_back(Value(static_cast<int64_t>(names.size())));
      xattrs.push_back(std::move(pair));
    }
    names.push_back(Value(name));
    const int64_t all[] = {
        static_cast<int64_t>(st.st_mode),        static_cast<int64_t>(st.st_uid),
        static_cast<int64_t>(st.st_gid),         static_cast<int64_t>(st.st_size),
        static_cast<int64_t>(st.st_nlink),       static_cast<int64_t>(major(st.st_rdev)),
        static_cast<int64_t>(minor(st.st_rdev)), static_cast<int64_t>(st.st_mtim.tv_sec),
        static_cast<int64_t>(st.st_mtim.tv_nsec)};
    for (int64_t number : all) numbers.push_back(Value(number));
    numbers.push_back(Value(static_cast<uint64_t>(st.st_dev)));
    numbers.push_back(Value(static_cast<uint64_t>(st.st_ino)));
    return true;
  }
};

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

Result<Value> makeFile(const Args& args) {
  OCIRT_C_STRING(path, args[0], "open");
  const Attributes wanted = attributes_of(args, 2);
  // Attributes can be written only while the mode lets us.
  bool open_mode = wanted.mode >= 0 && wanted.xattrs.empty();
  int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  UniqueFd fd(::open(path.c_str(), flags, open_mode ? static_cast<mode_t>(wanted.mode) : 0600));
  if (!fd) return sys_error("open", path);
  OCIRT_TRY(write_all(fd.get(), args[1].as_string(), path));
  // After the bytes: they may have taken setuid away.
  struct stat now {};
  if (::fstat(fd.get(), &now) != 0) return sys_error("fstat", path);
  return set_attributes(path, fd.get(), wanted, &now);
}

Result<Value> setAttributes(const Args& args) {
  OCIRT_C_STRING(path, args[0], "utimensat");
  return set_attributes(path, static_cast<int>(args[1].as_int(-1)), attributes_of(args, 2),
                        nullptr);
}

Result<Value> folderAttributes(const Args& args) {
  int folder = static_cast<int>(args[0].as_int(-1));
  std::string here = "/proc/self/fd/" + std::to_string(folder) + "/";
  auto names = directory_names(here);
  if (!names) return names.error();
  names->insert(names->begin(), ".");
  Listing listing;
  for (const std::string& name : *names) {
    auto added = listing.add(folder, here, name);
    if (!added) return added.error();
  }
  return Value::object({{"names", std::move(listing.names)},
                        {"numbers", std::move(listing.numbers)},
                        {"xattrs", std::move(listing.xattrs)}});
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
