// What an archive says of a file beyond its bytes: for unpacking images.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "core/operations_list.h"

namespace ocirt::op {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

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

Result<Value> setFileTime(const Args& args) {
  OCIRT_C_STRING(path, args[0], "utimensat");
  int64_t ns = args[1].as_int();
  // The kernel wants the nanoseconds positive, also before 1970.
  int64_t rest = (ns % kSecond + kSecond) % kSecond;
  timespec time{static_cast<time_t>((ns - rest) / kSecond), static_cast<long>(rest)};
  timespec times[] = {time, time};
  if (::utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW) != 0) {
    return sys_error("utimensat", path);
  }
  return Value();
}

Result<Value> setExtendedAttribute(const Args& args) {
  OCIRT_C_STRING(path, args[0], "lsetxattr");
  OCIRT_C_STRING(name, args[1], "lsetxattr");
  const std::string& value = args[2].as_string();
  if (::lsetxattr(path.c_str(), name.c_str(), value.data(), value.size(), 0) != 0) {
    return sys_error("lsetxattr", path);
  }
  return Value();
}

}  // namespace ocirt::op
