#include "init/environment.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "core/unique_fd.h"

namespace ocirt {
namespace {

// The file is the container's: a huge one, or a pipe, must not hold up or fill the helper.
constexpr size_t kMaxPasswd = size_t{16} << 20;

std::string read_passwd() {
  UniqueFd fd(open("/etc/passwd", O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  struct stat status;
  if (!fd || fstat(fd.get(), &status) < 0 || !S_ISREG(status.st_mode)) return {};
  std::string text;
  char buffer[16384];
  while (text.size() < kMaxPasswd) {
    ssize_t n = read(fd.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    text.append(buffer, static_cast<size_t>(n));
  }
  return text;
}

std::string_view take(std::string_view& rest, char separator) {
  size_t end = rest.find(separator);
  std::string_view part = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return part;
}

}  // namespace

Result<std::vector<std::string>> clean_environment(const std::vector<std::string>& env) {
  std::vector<std::string> out;
  std::vector<std::string_view> seen;
  for (auto entry = env.rbegin(); entry != env.rend(); ++entry) {
    size_t equals = entry->find('=');
    if (equals == std::string::npos || equals == 0) {
      return make_error("", EINVAL, {},
                        "invalid environment variable: " +
                            std::string(equals == 0 ? "name cannot be empty" : "missing '='"));
    }
    if (entry->find('\0') != std::string::npos) {
      return make_error("", EINVAL, {}, "invalid environment variable: contains a NUL byte");
    }
    std::string_view name = std::string_view(*entry).substr(0, equals);
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) continue;
    seen.push_back(name);
    if (name == "HOME" && equals + 1 == entry->size()) continue;
    out.push_back(*entry);
  }
  std::reverse(out.begin(), out.end());
  return out;
}

const std::string* find_entry(const std::vector<std::string>& env, std::string_view name) {
  for (const std::string& entry : env) {
    if (entry.size() > name.size() && entry[name.size()] == '=' && entry.starts_with(name)) {
      return &entry;
    }
  }
  return nullptr;
}

std::string home_in_passwd(std::string_view text, uint64_t uid) {
  while (!text.empty()) {
    std::string_view line = take(text, '\n');
    // name:password:uid:gid:comment:home:shell
    take(line, ':');
    take(line, ':');
    std::string_view number = take(line, ':');
    uint64_t found = 0;
    auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), found);
    if (error != std::errc() || end != number.data() + number.size() || found != uid) continue;
    take(line, ':');
    take(line, ':');
    return std::string(take(line, ':'));
  }
  return {};
}

std::string home_of(uint64_t uid) {
  std::string home = home_in_passwd(read_passwd(), uid);
  return home.empty() ? "/" : home;
}

}  // namespace ocirt
