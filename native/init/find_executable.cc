#include "init/find_executable.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/errno_names.h"

namespace ocirt {
namespace {

// 0, or the errno that says why `path` can't be executed; `failed` is the call that said so.
int check(const std::string& path, const char*& failed) {
  struct stat status;
  failed = "stat";
  if (stat(path.c_str(), &status) < 0) return errno;
  failed = "";
  if (S_ISDIR(status.st_mode)) return EISDIR;
  // With the effective ids, as execve(2) will decide.
  if (faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) == 0) {
    // Root may "execute" anything that has one execute bit.
    return (status.st_mode & 0111) ? 0 : EACCES;
  }
  if (errno == ENOSYS || errno == EPERM) return (status.st_mode & 0111) ? 0 : EACCES;
  return errno;
}

Error not_executable(const std::string& name, int error, const char* failed) {
  std::string detail = "exec: " + quote(name) + ": ";
  if (*failed) detail += std::string(failed) + " " + name + ": ";
  return make_error(failed, error, name, detail + errno_text(error));
}

}  // namespace

std::string quote(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      (out += '\\') += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\r') {
      out += "\\r";
    } else if (byte < 0x20 || byte == 0x7f) {
      constexpr char kDigits[] = "0123456789abcdef";
      ((out += "\\x") += kDigits[byte >> 4]) += kDigits[byte & 15];
    } else {
      out += c;
    }
  }
  return out + '"';
}

Result<std::string> find_executable_path(const std::string& name, std::string_view search) {
  const char* failed = "";
  if (name.find('/') != std::string::npos) {
    int error = check(name, failed);
    if (error != 0) return not_executable(name, error, failed);
    return name;
  }
  bool in_relative = false;
  bool more = !search.empty() && !name.empty();
  while (more) {
    size_t colon = search.find(':');
    std::string_view directory = search.substr(0, colon);
    more = colon != std::string_view::npos;
    if (more) search.remove_prefix(colon + 1);
    bool absolute = directory.starts_with('/');
    std::string path = directory.empty() ? name : std::string(directory);
    if (!directory.empty()) {
      if (path.back() != '/') path += '/';
      path += name;
    }
    if (check(path, failed) != 0) continue;
    if (absolute) return path;
    in_relative = true;
    break;
  }
  const char* words = in_relative ? "cannot run executable found relative to current directory"
                                  : "executable file not found in $PATH";
  return make_error("", ENOENT, name, "exec: " + quote(name) + ": " + words);
}

}  // namespace ocirt
