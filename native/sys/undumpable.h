// Memory that a child in another user namespace shares with us.
#pragma once

#include <sys/prctl.h>
#include <unistd.h>

namespace ocirt {

// While a child shares our memory, who may trace the child may write to it. Its new user namespace
// belongs to our user, so any process of that user has all capabilities over it: a container's root
// without capabilities too. Who is not dumpable is traced with CAP_SYS_PTRACE in the user namespace
// of the memory alone, which is ours. Only root can do without being dumpable: the id maps of an
// ordinary user's child are written through files that would then be root's.
//
// Afterwards it is as it was before; a change of ids in the child has changed it as well
// (PR_SET_DUMPABLE(2const)).
class Undumpable {
 public:
  Undumpable() : before_(::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0)) {
    if (::geteuid() == 0) ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  }
  ~Undumpable() {
    if (before_ == 1 && ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 1) {
      ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    }
  }
  Undumpable(const Undumpable&) = delete;
  Undumpable& operator=(const Undumpable&) = delete;

 private:
  int before_;
};

}  // namespace ocirt
