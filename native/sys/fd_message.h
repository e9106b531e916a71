// A message that carries one descriptor: SCM_RIGHTS of unix(7).
#pragma once

#include <sys/socket.h>
#include <sys/uio.h>

#include <cstddef>
#include <cstring>

namespace ocirt {

// For sendmsg(2); the data are the caller's, and must be there as long. Makes no system call and
// needs nothing of the C library but memory: it serves a bare thread as well.
class FdMessage {
 public:
  FdMessage(int fd, const void* data, size_t size) : part_{const_cast<void*>(data), size} {
    message_.msg_iov = &part_;
    message_.msg_iovlen = 1;
    message_.msg_control = control_;
    message_.msg_controllen = sizeof control_;
    cmsghdr* header = CMSG_FIRSTHDR(&message_);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof fd);
    std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
  }
  FdMessage(const FdMessage&) = delete;
  FdMessage& operator=(const FdMessage&) = delete;

  const msghdr* get() const { return &message_; }

 private:
  iovec part_;
  alignas(cmsghdr) char control_[CMSG_SPACE(sizeof(int))]{};
  msghdr message_{};
};

}  // namespace ocirt
