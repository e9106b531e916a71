// Verbs about files: reading, looking, changing.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "payload.h"

namespace payload {
namespace {

std::string cat(const Args& args) {
  std::string content;
  return readFile(args[0], content) ? quote(content) : failure(errno);
}

std::string list(const Args& args) {
  DIR* dir = opendir(args[0].c_str());
  if (dir == nullptr) return failure(errno);
  std::vector<std::string> names;
  while (const dirent* entry = readdir(dir)) {
    std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  closedir(dir);
  std::sort(names.begin(), names.end());
  return strings(names);
}

const char* typeName(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG:
      return "file";
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
    default:
      return "socket";
  }
}

// lstat(2): type, mode (octal text), owner, size, device number of a node, device it lies on.
std::string status(const Args& args) {
  struct stat st;
  if (lstat(args[0].c_str(), &st) < 0) return failure(errno);
  char mode[8];
  std::snprintf(mode, sizeof mode, "%04o", st.st_mode & 07777);
  return object({{"type", quote(typeName(st.st_mode))},
                 {"mode", quote(mode)},
                 {"uid", number(st.st_uid)},
                 {"gid", number(st.st_gid)},
                 {"size", number(st.st_size)},
                 {"inode", number(static_cast<long long>(st.st_ino))},
                 {"device", number(static_cast<long long>(st.st_dev))},
                 {"major", number(major(st.st_rdev))},
                 {"minor", number(minor(st.st_rdev))}});
}

std::string link(const Args& args) {
  char buffer[4096];
  ssize_t n = readlink(args[0].c_str(), buffer, sizeof buffer);
  return n < 0 ? failure(errno) : quote(std::string(buffer, static_cast<size_t>(n)));
}

// Opens with the access asked for (r, w, rw, or c: create), and for `w` with data writes it.
std::string openFile(const Args& args) {
  int flags = args[1] == "r" ? O_RDONLY : args[1] == "w" ? O_WRONLY : O_RDWR;
  if (args[1] == "c") flags |= O_CREAT;
  int fd = open(args[0].c_str(), flags | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, 0666);
  if (fd < 0) return failure(errno);
  std::string result = quote("ok");
  if (args.size() > 2 && write(fd, args[2].data(), args[2].size()) < 0) result = failure(errno);
  close(fd);
  return result;
}

std::string readSome(const Args& args) {
  int fd = open(args[0].c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return failure(errno);
  char buffer[16];
  ssize_t n = read(fd, buffer, sizeof buffer);
  std::string result = n < 0 ? failure(errno) : number(n);
  close(fd);
  return result;
}

// PATH c|b|p MAJOR MINOR; the node is removed again.
std::string makeNode(const Args& args) {
  mode_t type = args[1] == "c" ? S_IFCHR : args[1] == "b" ? S_IFBLK : S_IFIFO;
  dev_t device = makedev(static_cast<unsigned>(std::atoi(args[2].c_str())),
                         static_cast<unsigned>(std::atoi(args[3].c_str())));
  if (mknod(args[0].c_str(), type | 0600, device) < 0) return failure(errno);
  int fd = open(args[0].c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
  int error = errno;
  if (fd >= 0) close(fd);
  unlink(args[0].c_str());
  return object({{"mknod", quote("ok")}, {"open", fd >= 0 ? quote("ok") : failure(error)}});
}

std::string makeDirectory(const Args& args) {
  return outcome(mkdir(args[0].c_str(), 0777));
}

std::string removeFile(const Args& args) {
  return outcome(remove(args[0].c_str()));
}

std::string changeOwner(const Args& args) {
  return outcome(chown(args[0].c_str(), static_cast<uid_t>(std::atoi(args[1].c_str())),
                       static_cast<gid_t>(std::atoi(args[2].c_str()))));
}

std::string changeMode(const Args& args) {
  return outcome(
      chmod(args[0].c_str(), static_cast<mode_t>(std::strtoul(args[1].c_str(), nullptr, 8))));
}

std::string canAccess(const Args& args) {
  return outcome(faccessat(AT_FDCWD, args[0].c_str(), std::atoi(args[1].c_str()), AT_EACCESS));
}

std::string attribute(const Args& args) {
  char buffer[1024];
  ssize_t n = lgetxattr(args[0].c_str(), args[1].c_str(), buffer, sizeof buffer);
  return n < 0 ? failure(errno) : quote(std::string(buffer, static_cast<size_t>(n)));
}

std::string fileSystem(const Args& args) {
  struct statfs fs;
  if (statfs(args[0].c_str(), &fs) < 0) return failure(errno);
  return object({{"type", number(fs.f_type)},
                 {"bytes", number(static_cast<long long>(fs.f_blocks) * fs.f_bsize)},
                 {"free", number(static_cast<long long>(fs.f_bavail) * fs.f_bsize)}});
}

}  // namespace

const std::vector<ReportVerb>& fileVerbs() {
  static const std::vector<ReportVerb> verbs = {
      {"cat", 1, cat},           {"ls", 1, list},
      {"stat", 1, status},       {"readlink", 1, link},
      {"open", 2, openFile},     {"read", 1, readSome},
      {"mknod", 4, makeNode},    {"mkdir", 1, makeDirectory},
      {"remove", 1, removeFile}, {"chown", 3, changeOwner},
      {"chmod", 2, changeMode},  {"access", 2, canAccess},
      {"xattr", 2, attribute},   {"statfs", 1, fileSystem},
  };
  return verbs;
}

}  // namespace payload
