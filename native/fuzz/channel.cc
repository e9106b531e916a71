// The stream between host and helper, as a peer that lies would write it.
#include "core/channel.h"

#include <sys/socket.h>
#include <unistd.h>

#include "core/unique_fd.h"
#include "fuzz/target.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // More than a socket holds would wait for a reader.
  if (size > 65536) return 0;
  int ends[2];
  ocirt::fuzz::require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  ocirt::UniqueFd reader(ends[0]), writer(ends[1]);
  ocirt::fuzz::require(write(writer.get(), data, size) == static_cast<ssize_t>(size));
  writer.reset();
  for (;;) {
    ocirt::Result<std::optional<ocirt::Value>> message = ocirt::channel_receive(reader.get(), 1000);
    if (!message || !*message) return 0;
  }
}
