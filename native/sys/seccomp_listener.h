// Filters with a user-space listener: seccomp_unotify(2).
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <string>

#include "core/result.h"

namespace ocirt {

// Installs a filter whose SCMP_ACT_NOTIFY calls are answered by a listener, and sends that
// listener's descriptor: `announcement`, then one more byte with the descriptor (SCM_RIGHTS), on
// the stream socket `socket`; then waits for an answer, of any content. The listener is not kept.
//
// From the moment the filter is in place the calling thread may have no right to any system call,
// or be held in one until the listener answers, so it makes none: a second thread, which the
// filter is not on, does the sending, and has gone when this returns.
Status install_with_listener(const sock_fprog& program, uint64_t flags, int socket,
                             const std::string& announcement);

}  // namespace ocirt
