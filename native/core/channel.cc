#include "core/channel.h"

#include <poll.h>
#include <sys/socket.h>
#include <time.h>

#include <algorithm>
#include <cstring>

namespace ocirt {
namespace {

int64_t now_ms() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

// Waits until `fd` is ready for `events`; `deadline` is a time of now_ms(), -1 for never.
Status await(int fd, short events, int64_t deadline) {
  for (;;) {
    int64_t left = -1;
    if (deadline >= 0) {
      left = deadline - now_ms();
      if (left < 0) left = 0;
    }
    pollfd entry{fd, events, 0};
    int ready = ::poll(&entry, 1, static_cast<int>(left));
    if (ready > 0) return {};
    if (ready == 0) return make_error("poll", ETIMEDOUT);
    if (errno != EINTR) return sys_error("poll");
  }
}

// Reads until `size` bytes are there or the stream ends; returns how many there were.
Result<size_t> receive_bytes(int fd, char* out, size_t size, int64_t deadline) {
  size_t done = 0;
  while (done < size) {
    if (deadline >= 0) OCIRT_TRY(await(fd, POLLIN, deadline));
    ssize_t n = ::recv(fd, out + done, size - done, 0);
    if (n > 0) {
      done += static_cast<size_t>(n);
    } else if (n == 0) {
      break;
    } else if (errno == EAGAIN) {
      OCIRT_TRY(await(fd, POLLIN, deadline));
    } else if (errno != EINTR) {
      return sys_error("recv");
    }
  }
  return done;
}

constexpr size_t kPiece = size_t{256} << 10;

}  // namespace

std::string channel_frame(const Value& message) {
  std::string frame(sizeof(uint32_t), '\0');
  encode(message, frame);
  auto length = static_cast<uint32_t>(frame.size() - sizeof(uint32_t));
  std::memcpy(frame.data(), &length, sizeof length);
  return frame;
}

Status channel_send(int fd, const Value& message) {
  std::string frame = channel_frame(message);
  if (frame.size() - sizeof(uint32_t) > kChannelMaxMessage) return make_error("send", EMSGSIZE);

  size_t done = 0;
  while (done < frame.size()) {
    ssize_t n = ::send(fd, frame.data() + done, frame.size() - done, MSG_NOSIGNAL);
    if (n >= 0) {
      done += static_cast<size_t>(n);
    } else if (errno == EAGAIN) {
      OCIRT_TRY(await(fd, POLLOUT, -1));
    } else if (errno != EINTR) {
      return sys_error("send");
    }
  }
  return {};
}

Result<std::optional<Value>> channel_receive(int fd, int timeout_ms) {
  int64_t deadline = timeout_ms < 0 ? -1 : now_ms() + timeout_ms;

  uint32_t length = 0;
  char prefix[sizeof length];
  Result<size_t> got = receive_bytes(fd, prefix, sizeof prefix, deadline);
  if (!got) return got.error();
  if (*got == 0) return std::optional<Value>();
  if (*got < sizeof prefix) return make_error("recv", ECONNRESET);
  std::memcpy(&length, prefix, sizeof length);
  if (length > kChannelMaxMessage) return make_error("recv", EMSGSIZE);

  // Memory for what has come, not for what was announced.
  std::string body;
  while (body.size() < length) {
    size_t from = body.size();
    body.resize(std::min(size_t{length}, from + kPiece));
    got = receive_bytes(fd, body.data() + from, body.size() - from, deadline);
    if (!got) return got.error();
    if (*got < body.size() - from) return make_error("recv", ECONNRESET);
  }

  Value message;
  if (!decode(body, message)) return make_error("recv", EBADMSG);
  return std::optional<Value>(std::move(message));
}

}  // namespace ocirt
