#include "sys/host_mounts.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <string_view>
#include <vector>

#include "core/unique_fd.h"

namespace ocirt {
namespace {

constexpr const char* kMountInfo = "/proc/self/mountinfo";

Result<std::string> read_mount_info() {
  UniqueFd fd(open(kMountInfo, O_RDONLY | O_CLOEXEC));
  if (!fd) return sys_error("open", kMountInfo);
  std::string text;
  char buffer[16384];
  for (;;) {
    ssize_t n = read(fd.get(), buffer, sizeof buffer);
    if (n == 0) return text;
    if (n > 0) text.append(buffer, static_cast<size_t>(n));
    if (n < 0 && errno != EINTR) return sys_error("read", kMountInfo);
  }
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    size_t end = text.find(separator);
    if (end != 0) parts.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return parts;
}

// Space, tab, newline and backslash are written as \ooo; proc_pid_mountinfo(5).
std::string unescape(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); i++) {
    if (text[i] == '\\' && i + 3 < text.size()) {
      out += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 +
                               (text[i + 3] - '0'));
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

bool lies_below(const std::string& path, const std::string& directory) {
  return path == directory ||
         (path.size() > directory.size() && path.compare(0, directory.size(), directory) == 0 &&
          path[directory.size()] == '/');
}

Status detach(const std::string& path) {
  if (::mount(nullptr, path.c_str(), nullptr, MS_SLAVE | MS_REC, nullptr) < 0) {
    // It went with one that it lay on.
    return errno == ENOENT || errno == EINVAL ? Status() : Status(sys_error("mount", path));
  }
  if (umount2(path.c_str(), MNT_DETACH) == 0) return {};
  if (errno != EINVAL && errno != EPERM) return sys_error("umount2", path);
  // Locked, in a user namespace: covered in place of unmounted.
  if (::mount("tmpfs", path.c_str(), "tmpfs", 0, nullptr) < 0) return sys_error("mount", path);
  return {};
}

}  // namespace

Status detach_kernel_mounts(const std::string& except) {
  Result<std::string> info = read_mount_info();
  if (!info) return info.error();
  for (std::string_view line : split(*info, '\n')) {
    // "id parent dev root mountpoint options optional... - type source data"
    size_t dash = line.find(" - ");
    std::vector<std::string_view> before = split(line.substr(0, dash), ' ');
    if (dash == std::string_view::npos || before.size() < 5) continue;
    std::vector<std::string_view> after = split(line.substr(dash + 3), ' ');
    if (before[3] != "/" || after.empty() || (after[0] != "proc" && after[0] != "sysfs")) continue;
    std::string path = unescape(before[4]);
    if (lies_below(path, except)) continue;
    OCIRT_TRY(detach(path));
  }
  return {};
}

}  // namespace ocirt
