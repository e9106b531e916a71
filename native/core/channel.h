// Framed messages between host and helper: a u32 length (little-endian), then one Value in wire
// format, on a stream socket.
#pragma once

#include <optional>

#include "core/result.h"
#include "core/value.h"

namespace ocirt {

// Longer messages are refused on both sides (EMSGSIZE): a plan is some ten KB.
constexpr size_t kChannelMaxMessage = size_t{64} << 20;

// The bytes of one message, length included, for those who send it by other means.
std::string channel_frame(const Value& message);

// Sends one message whole. A peer that has gone gives EPIPE, never SIGPIPE.
Status channel_send(int fd, const Value& message);

// The next message; nullopt where the stream ends between two messages. An end inside a message is
// ECONNRESET, a malformed one EBADMSG. `timeout_ms` is for the whole message, -1 for no limit, and
// gives ETIMEDOUT.
Result<std::optional<Value>> channel_receive(int fd, int timeout_ms);

}  // namespace ocirt
