#include "sys/cgroup_warm.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>

namespace ocirt {
namespace {

constexpr char kImpossiblePid[] = "2147483647";
constexpr size_t kStackSize = 64 * 1024;

void* take_lock(void* argument) {
  int fd = static_cast<int>(reinterpret_cast<intptr_t>(argument));
  (void)!::write(fd, kImpossiblePid, sizeof kImpossiblePid - 1);  // ESRCH
  ::close(fd);
  return nullptr;
}

}  // namespace

Status warm_cgroup_lock(const std::string& procs_file) {
  int fd = ::open(procs_file.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) return sys_error("open", procs_file);
  // Signals are for the threads that wait for them.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, kStackSize);
  pthread_t thread;
  int failed = pthread_create(&thread, &attributes, take_lock,
                              reinterpret_cast<void*>(static_cast<intptr_t>(fd)));
  pthread_attr_destroy(&attributes);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (failed == 0) return {};
  ::close(fd);
  return make_error("pthread_create", failed);
}

}  // namespace ocirt
