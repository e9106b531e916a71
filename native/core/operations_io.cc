// Operations on descriptors.
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "core/operations_list.h"
#include "sys/files.h"
#include "sys/syscalls.h"

namespace ocirt::op {
namespace {

struct FlagName {
  std::string_view name;
  int flag;
};

constexpr FlagName kOpenFlags[] = {
    {"read", O_RDONLY},       {"write", O_WRONLY},      {"readwrite", O_RDWR},
    {"create", O_CREAT},      {"exclusive", O_EXCL},    {"truncate", O_TRUNC},
    {"append", O_APPEND},     {"path", O_PATH},         {"directory", O_DIRECTORY},
    {"nofollow", O_NOFOLLOW}, {"nonblock", O_NONBLOCK},
};

}  // namespace

Result<Value> open(const Args& args) {
  OCIRT_C_STRING(path, args[0], "open");
  int flags = O_CLOEXEC | O_NOCTTY;
  for (const Value& item : args[1].as_array()) {
    const FlagName* found = nullptr;
    for (const FlagName& entry : kOpenFlags) {
      if (entry.name == item.as_string()) found = &entry;
    }
    if (!found) return make_error("open", EINVAL, path, "unknown flag " + item.as_string());
    flags |= found->flag;
  }
  int fd = ::open(path.c_str(), flags, static_cast<mode_t>(args[2].as_int(0600)));
  if (fd < 0) return sys_error("open", path);
  return Value(fd);
}

Result<Value> close(const Args& args) {
  // All are closed, whatever becomes of one; on Linux the descriptor is gone even with an error.
  Status first;
  for (const Value& item : args[0].as_array()) {
    if (::close(static_cast<int>(item.as_int(-1))) != 0 && errno != EINTR && first) {
      first = sys_error("close");
    }
  }
  OCIRT_TRY(first);
  return Value();
}

Result<Value> read(const Args& args) {
  int64_t max = args[1].as_int();
  if (max < 0 || max > (int64_t{1} << 30)) return make_error("read", EINVAL, {}, "size");
  Bytes out;
  out.data.resize(static_cast<size_t>(max));
  ssize_t n;
  do {
    n = ::read(static_cast<int>(args[0].as_int(-1)), out.data.data(), out.data.size());
  } while (n < 0 && errno == EINTR);
  if (n < 0) return sys_error("read");
  out.data.resize(static_cast<size_t>(n));
  return Value(std::move(out));
}

Result<Value> write(const Args& args) {
  OCIRT_TRY(write_all(static_cast<int>(args[0].as_int(-1)), args[1].as_string()));
  return Value();
}

Result<Value> lock(const Args& args) {
  bool wait = args[2].as_bool();
  int how = (args[1].as_bool() ? LOCK_EX : LOCK_SH) | (wait ? 0 : LOCK_NB);
  while (::flock(static_cast<int>(args[0].as_int(-1)), how) != 0) {
    if (errno == EWOULDBLOCK && !wait) return Value(false);
    if (errno != EINTR) return sys_error("flock");
  }
  return Value(true);
}

Result<Value> decodeText(const Args& args) {
  // The host's strings take care of what is no UTF-8.
  return Value(args[0].as_string());
}

Result<Value> isTerminal(const Args& args) {
  return Value(::isatty(static_cast<int>(args[0].as_int(-1))) == 1);
}

Result<Value> cloneTrees(const Args& args) {
  std::vector<UniqueFd> trees;
  for (const Value& item : args[0].as_array()) {
    OCIRT_C_STRING(path, item["path"], "open_tree");
    UniqueFd fd(sys_open_tree(AT_FDCWD, path.c_str(), item["recursive"].as_bool()));
    if (!fd) return sys_error("open_tree", path);
    trees.push_back(std::move(fd));
  }
  Value::Array out;
  for (UniqueFd& fd : trees) out.emplace_back(fd.release());
  return Value(std::move(out));
}

}  // namespace ocirt::op
