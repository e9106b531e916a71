#include "sys/keyring.h"

#include <linux/keyctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

namespace ocirt {
namespace {

// Permission bits of keyctl_setperm(3).
constexpr uint32_t kUserSearch = 0x00080000;
constexpr uint32_t kOtherSearch = 0x00000008;

}  // namespace

Status join_session_keyring(const std::string& name, bool by_others) {
  long id = syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, name.c_str());
  if (id < 0) return sys_error("keyctl(JOIN_SESSION_KEYRING)", name);

  // "type;uid;gid;perm;description", perm in hexadecimal.
  char description[512];
  long length = syscall(SYS_keyctl, KEYCTL_DESCRIBE, id, description, sizeof description - 1);
  if (length < 0) return sys_error("keyctl(DESCRIBE)", name);
  description[length < 511 ? length : 511] = '\0';
  const char* field = description;
  for (int skipped = 0; skipped < 3; skipped++) {
    while (*field && *field != ';') field++;
    if (*field) field++;
  }
  auto before = static_cast<uint32_t>(strtoul(field, nullptr, 16));
  uint32_t wanted = before | (by_others ? kOtherSearch : kUserSearch);
  if (wanted == before) return {};
  if (syscall(SYS_keyctl, KEYCTL_SETPERM, id, wanted) < 0)
    return sys_error("keyctl(SETPERM)", name);
  return {};
}

}  // namespace ocirt
