// Namespaces that the calling thread is in while it clones, and leaves again.
#pragma once

#include <vector>

#include "core/result.h"
#include "core/unique_fd.h"

namespace ocirt {

// What is born while this lives is born in the namespaces entered. A pid namespace is entered for
// the children only (setns(2)); network, ipc, uts and cgroup namespaces by the thread itself; other
// kinds are refused, since a thread cannot enter them alone.
class ThreadNamespaces {
 public:
  ThreadNamespaces() = default;
  ~ThreadNamespaces() { (void)!leave(); }
  ThreadNamespaces(const ThreadNamespaces&) = delete;
  ThreadNamespaces& operator=(const ThreadNamespaces&) = delete;

  Status enter(int fd);
  // Back to the thread's own, the last one entered first.
  Status leave();

 private:
  struct Entered {
    UniqueFd own;
    int type;
  };
  std::vector<Entered> entered_;
};

}  // namespace ocirt
