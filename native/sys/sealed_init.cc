#include "sys/sealed_init.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/unique_fd.h"
#include "sys/files.h"
#include "sys/pipe.h"

#ifndef MFD_EXEC
#define MFD_EXEC 0x10U
#endif

// host/embedded_init.S
extern "C" const char ocirt_init_begin[];
extern "C" const char ocirt_init_end[];

namespace ocirt {
namespace {

Result<UniqueFd> make() {
  constexpr unsigned kFlags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  // Since Linux 6.3 executability is asked for (sysctl vm.memfd_noexec); before it is a given, and
  // the flag EINVAL.
  UniqueFd fd(::memfd_create("ocirt-init", kFlags | MFD_EXEC));
  if (!fd && errno == EINVAL) fd.reset(::memfd_create("ocirt-init", kFlags));
  if (!fd && errno == EACCES) {
    return sys_error("memfd_create", {}, "executable memfds are forbidden (vm.memfd_noexec=2)");
  }
  if (!fd) return sys_error("memfd_create");
  OCIRT_TRY(lift(fd));
  std::string_view image(ocirt_init_begin, static_cast<size_t>(ocirt_init_end - ocirt_init_begin));
  OCIRT_TRY(write_all(fd.get(), image, "memfd:ocirt-init"));
  constexpr int kSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
  if (::fcntl(fd.get(), F_ADD_SEALS, kSeals) != 0) return sys_error("fcntl F_ADD_SEALS");
  return fd;
}

}  // namespace

Result<int> sealed_init() {
  // A cache of something that never changes, not state: see the header.
  static UniqueFd kept;
  if (!kept) {
    Result<UniqueFd> made = make();
    if (!made) return made.error();
    kept = std::move(*made);
  }
  return kept.get();
}

void hide_from_namespaces(int init) {
  // The last id that there is: namespaces map from the first ones on.
  constexpr uid_t kNobody = 0xfffffffe;
  if (::fchmod(init, 0111) == 0) (void)!::fchown(init, kNobody, kNobody);
}

}  // namespace ocirt
