// A BPF prologue that answers ENOSYS to system calls newer than a profile.
#pragma once

#include <linux/filter.h>

#include <string>

#include "sys/seccomp_build.h"

namespace ocirt {

constexpr size_t kInstructionSize = sizeof(sock_filter);

// Instructions to put in front of the program made from `request`: a system call whose number is
// above every one that the profile names, for its architecture, gets ENOSYS; the others fall into
// the program. The C library takes ENOSYS for "try the older call", but EPERM (the usual default
// action) for a failure. Only for profiles whose default action refuses.
//
// Calls are numbered in the order they were added, so "newer" is "greater" but for a few. The
// native architecture counts as listed: profiles leave it out.
std::string enosys_prologue(const SeccompRequest& request);

}  // namespace ocirt
