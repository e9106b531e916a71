// Operations on files by path.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <climits>
#include <cstdlib>
#include <memory>

#include "core/operations_list.h"
#include "sys/errno_names.h"
#include "sys/files.h"

namespace ocirt::op {
namespace {

bool is_missing(int errnum) {
  return errnum == ENOENT || errnum == ENOTDIR;
}

// The file that the last write of a batch has opened: a cgroup's rules are many writes to one.
struct LastFile {
  std::string path;
  UniqueFd fd;
};

Status write_one(const Value& request, LastFile& last) {
  OCIRT_C_STRING(path, request["path"], "open");
  const std::string& data = request["data"].as_string();
  int flags = O_WRONLY | O_CLOEXEC | O_NOCTTY;
  mode_t mode = 0;
  if (request.has("create")) {
    flags |= O_CREAT;
    mode = static_cast<mode_t>(request["create"].as_int());
  }
  if (request["truncate"].as_bool()) flags |= O_TRUNC;
  if (request["append"].as_bool()) flags |= O_APPEND;
  bool plain = flags == (O_WRONLY | O_CLOEXEC | O_NOCTTY);
  if (plain && last.fd && last.path == path && ::lseek(last.fd.get(), 0, SEEK_SET) == 0) {
    return write_once(last.fd.get(), data, path);
  }
  last.fd.reset(::open(path.c_str(), flags, mode));
  last.path = plain ? path : "";
  if (!last.fd) return sys_error("open", path);
  return write_once(last.fd.get(), data, path);
}

const char* type_name(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFDIR:
      return "directory";
    case S_IFLNK:
      return "symlink";
    case S_IFCHR:
      return "char";
    case S_IFBLK:
      return "block";
    case S_IFIFO:
      return "fifo";
    case S_IFSOCK:
      return "socket";
    default:
      return "file";
  }
}

}  // namespace

Result<Value> readFiles(const Args& args) {
  Value::Array out;
  for (const Value& item : args[0].as_array()) {
    OCIRT_C_STRING(path, item, "open");
    Result<std::string> text = read_file(path);
    if (text) {
      out.emplace_back(std::move(*text));
    } else if (is_missing(text.error().errnum) || text.error().errnum == ESRCH) {
      // ESRCH: a /proc file of a process that has ended meanwhile.
      out.emplace_back(nullptr);
    } else {
      return text.error();
    }
  }
  return Value(std::move(out));
}

Result<Value> writeFiles(const Args& args) {
  Value::Array failures;
  const Value::Array& writes = args[0].as_array();
  LastFile last;
  for (size_t i = 0; i < writes.size(); i++) {
    Status done = write_one(writes[i], last);
    if (done) continue;
    const Error& error = done.error();
    failures.push_back(Value::object({{"index", static_cast<int64_t>(i)},
                                      {"syscall", error.syscall},
                                      {"errno", error.errnum},
                                      {"code", errno_name(error.errnum)},
                                      {"path", error.path}}));
  }
  return Value(std::move(failures));
}

Result<Value> replaceFile(const Args& args) {
  OCIRT_C_STRING(path, args[0], "open");
  OCIRT_TRY(replace_file(path, args[1].as_string(), static_cast<mode_t>(args[2].as_int(0600))));
  return Value();
}

Result<Value> status(const Args& args) {
  OCIRT_C_STRING(path, args[0], "stat");
  bool follow = args[1].as_bool();
  struct stat st {};
  if (::fstatat(AT_FDCWD, path.c_str(), &st, follow ? 0 : AT_SYMLINK_NOFOLLOW) != 0) {
    if (is_missing(errno)) return Value();
    return sys_error(follow ? "stat" : "lstat", path);
  }
  return Value::object({
      {"type", type_name(st.st_mode)},
      {"mode", static_cast<int64_t>(st.st_mode & 07777)},
      {"uid", static_cast<int64_t>(st.st_uid)},
      {"gid", static_cast<int64_t>(st.st_gid)},
      {"size", static_cast<int64_t>(st.st_size)},
      {"dev", static_cast<uint64_t>(st.st_dev)},
      {"ino", static_cast<uint64_t>(st.st_ino)},
      {"major", static_cast<int64_t>(major(st.st_rdev))},
      {"minor", static_cast<int64_t>(minor(st.st_rdev))},
      {"mtimeNs", int64_t{st.st_mtim.tv_sec} * 1'000'000'000 + st.st_mtim.tv_nsec},
  });
}

Result<Value> readDirectory(const Args& args) {
  OCIRT_C_STRING(path, args[0], "opendir");
  auto names = directory_names(path);
  if (names) return Value(Value::Array(names->begin(), names->end()));
  // Also where the directory went away while it was read, as /proc/PID does.
  if (names.error().errnum == ENOENT) return Value();
  return names.error();
}

Result<Value> readLink(const Args& args) {
  OCIRT_C_STRING(path, args[0], "readlink");
  std::string out(256, '\0');
  for (;;) {
    ssize_t n = ::readlink(path.c_str(), out.data(), out.size());
    if (n < 0) return sys_error("readlink", path);
    // As long as the buffer: it may have been cut off.
    if (static_cast<size_t>(n) < out.size()) {
      out.resize(static_cast<size_t>(n));
      return Value(std::move(out));
    }
    out.resize(out.size() * 2);
  }
}

Result<Value> realPath(const Args& args) {
  OCIRT_C_STRING(path, args[0], "realpath");
  std::unique_ptr<char, decltype(&std::free)> out(::realpath(path.c_str(), nullptr), std::free);
  if (!out) return sys_error("realpath", path);
  return Value(out.get());
}

Result<Value> makeDirectory(const Args& args) {
  OCIRT_C_STRING(path, args[0], "mkdir");
  auto mode = static_cast<mode_t>(args[1].as_int(0755));
  if (args[2].as_bool()) {
    Result<bool> made = make_directories(path, mode);
    if (!made) return made.error();
    return Value(*made);
  }
  if (::mkdir(path.c_str(), mode) != 0) return sys_error("mkdir", path);
  return Value(true);
}

Result<Value> removeDirectory(const Args& args) {
  OCIRT_C_STRING(path, args[0], "rmdir");
  if (::rmdir(path.c_str()) != 0) return sys_error("rmdir", path);
  return Value();
}

Result<Value> removeFile(const Args& args) {
  OCIRT_C_STRING(path, args[0], "unlink");
  if (::unlink(path.c_str()) != 0) return sys_error("unlink", path);
  return Value();
}

Result<Value> removeTree(const Args& args) {
  OCIRT_C_STRING(path, args[0], "unlink");
  OCIRT_TRY(remove_tree(path));
  return Value();
}

Result<Value> rename(const Args& args) {
  OCIRT_C_STRING(from, args[0], "rename");
  OCIRT_C_STRING(to, args[1], "rename");
  if (::rename(from.c_str(), to.c_str()) != 0) return sys_error("rename", from);
  return Value();
}

Result<Value> changeOwner(const Args& args) {
  auto uid = static_cast<uid_t>(args[1].as_int());
  for (const Value& item : args[0].as_array()) {
    OCIRT_C_STRING(path, item, "chown");
    if (::chown(path.c_str(), uid, static_cast<gid_t>(-1)) != 0 && errno != ENOENT) {
      return sys_error("chown", path);
    }
  }
  return Value();
}

}  // namespace ocirt::op
