#include "sys/seccomp_listener.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>

#include "sys/fd_message.h"
#include "sys/raw_syscall.h"

namespace ocirt {
namespace {

constexpr int kPending = -1;
constexpr int kNone = -2;

// A thread that a parent of no filter makes needs nothing of the C library: only raw calls, as
// thread-local storage (errno) is its maker's.
constexpr unsigned long kThread =
    CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;

struct Courier {
  int socket = -1;
  const char* announcement = nullptr;
  size_t length = 0;
  std::atomic<int> listener{kPending};  // kNone: there is none to send
  std::atomic<int> outcome{kPending};   // 0, or the errno of sendmsg(2)
};

// What a thread runs on must outlive it, and nobody waits for its very last instruction.
alignas(64) char courier_stack[16 * 1024];
Courier courier;

long send_all(int socket, const char* data, size_t length) {
  for (size_t done = 0; done < length;) {
    long n = raw_call(SYS_sendto, socket, raw_argument(data + done),
                      static_cast<long>(length - done), MSG_NOSIGNAL, 0);
    if (n == -EINTR) continue;
    if (n < 0) return n;
    done += static_cast<size_t>(n);
  }
  return 0;
}

long send_listener(int socket, int listener) {
  char byte = 0;
  FdMessage message(listener, &byte, sizeof byte);
  long n;
  do {
    n = raw(SYS_sendmsg, socket, message.get(), MSG_NOSIGNAL);
  } while (n == -EINTR);
  return n < 0 ? n : 0;
}

// The peer has done what it wanted with the listener when it says something, whatever it is.
long await_answer(int socket) {
  char answer[256];
  long n;
  do {
    n = raw(SYS_read, socket, &answer[0], sizeof answer);
  } while (n == -EINTR);
  return n == 0 ? -ECONNRESET : n < 0 ? n : 0;
}

void run_courier(void*) {
  int listener;
  while ((listener = courier.listener.load(std::memory_order_acquire)) == kPending) {
    raw(SYS_sched_yield);
  }
  long result = 0;
  if (listener != kNone) {
    result = send_all(courier.socket, courier.announcement, courier.length);
    if (result == 0) result = send_listener(courier.socket, listener);
    if (result == 0) result = await_answer(courier.socket);
    // Sent or not: without a holder elsewhere, calls that ask for it get ENOSYS and none hangs.
    raw(SYS_close, listener);
  }
  courier.outcome.store(static_cast<int>(-result), std::memory_order_release);
  for (;;) raw(SYS_exit, 0);
}

void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

Status install_with_listener(const sock_fprog& program, uint64_t flags, int socket,
                             const std::string& announcement) {
  courier.socket = socket;
  courier.announcement = announcement.data();
  courier.length = announcement.size();
  char* top = courier_stack + sizeof courier_stack;
  // The limit of processes counts threads: with one that is used up there is no courier (EAGAIN).
  long thread =
      raw_clone(SYS_clone, raw_argument(kThread), raw_argument(top), 0, run_courier, nullptr);
  if (thread < 0)
    return make_error("clone", static_cast<int>(-thread), {}, "a thread to send the listener");

  long listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
  int error = errno;
  courier.listener.store(listener < 0 ? kNone : static_cast<int>(listener),
                         std::memory_order_release);
  int outcome;
  // No system call: sched_yield(2) may be a notified one.
  while ((outcome = courier.outcome.load(std::memory_order_acquire)) == kPending) relax();
  if (listener < 0) return make_error("seccomp", error);
  if (outcome != 0) return make_error("sendmsg", outcome, {}, "sending the listener");
  return {};
}

}  // namespace ocirt
