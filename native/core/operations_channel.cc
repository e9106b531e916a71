// Operations on channels, sockets and terminals.
#include "core/channel.h"
#include "core/operations_list.h"
#include "sys/foreground.h"
#include "sys/terminal.h"
#include "sys/unix_socket.h"

namespace ocirt::op {
namespace {

int descriptor(const Value& value) {
  return static_cast<int>(value.as_int(-1));
}

std::vector<int> integers(const Value& value) {
  std::vector<int> out;
  for (const Value& item : value.as_array()) out.push_back(static_cast<int>(item.as_int()));
  return out;
}

}  // namespace

Result<Value> channelSend(const Args& args) {
  OCIRT_TRY(channel_send(descriptor(args[0]), args[1]));
  return Value();
}

Result<Value> channelReceive(const Args& args) {
  auto message = channel_receive(descriptor(args[0]), static_cast<int>(args[1].as_int(-1)));
  if (!message) return message.error();
  return *message ? std::move(**message) : Value();
}

Result<Value> listenUnix(const Args& args) {
  OCIRT_C_STRING(path, args[0], "bind");
  Result<UniqueFd> fd = listen_unix(path, static_cast<int>(args[1].as_int(1)));
  if (!fd) return fd.error();
  return Value(fd->release());
}

Result<Value> connectUnix(const Args& args) {
  OCIRT_C_STRING(path, args[0], "connect");
  Result<UniqueFd> fd = connect_unix(path);
  if (!fd) return fd.error();
  return Value(fd->release());
}

Result<Value> socketPair(const Args&) {
  auto pair = socket_pair();
  if (!pair) return pair.error();
  return Value(Value::Array{Value(pair->first.release()), Value(pair->second.release())});
}

Result<Value> receiveFd(const Args& args) {
  Result<ReceivedFd> got = receive_fd(descriptor(args[0]), static_cast<int>(args[1].as_int(-1)));
  if (!got) return got.error();
  return Value::object({{"fd", got->fd.release()}, {"data", std::move(got->data)}});
}

Result<Value> sendFd(const Args& args) {
  OCIRT_TRY(send_fd(descriptor(args[0]), descriptor(args[1]), args[2].as_string()));
  return Value();
}

Result<Value> sendBytes(const Args& args) {
  OCIRT_TRY(send_bytes(descriptor(args[0]), args[1].as_string()));
  return Value();
}

Result<Value> sendDatagram(const Args& args) {
  OCIRT_C_STRING(path, args[0], "connect");
  OCIRT_TRY(send_datagram(path, args[1].as_string(), descriptor(args[2]), args[3].as_bool(true)));
  return Value();
}

Result<Value> listenDatagrams(const Args& args) {
  OCIRT_C_STRING(path, args[0], "bind");
  Result<UniqueFd> fd = listen_datagrams(path);
  if (!fd) return fd.error();
  return Value(fd->release());
}

Result<Value> receiveBytes(const Args& args) {
  int64_t max = args[1].as_int();
  if (max < 1 || max > (int64_t{1} << 30)) return make_error("recv", EINVAL, {}, "size");
  Result<std::string> got = receive_bytes(descriptor(args[0]), static_cast<size_t>(max),
                                          static_cast<int>(args[2].as_int(-1)));
  if (!got) return got.error();
  return Value(Bytes{std::move(*got)});
}

Result<Value> packetPair(const Args&) {
  auto pair = packet_pair();
  if (!pair) return pair.error();
  return Value(Value::Array{Value(pair->first.release()), Value(pair->second.release())});
}

Result<Value> receivePacket(const Args& args) {
  int64_t max = args[1].as_int();
  if (max < 1 || max > (int64_t{1} << 24)) return make_error("recvmsg", EINVAL, {}, "size");
  Result<Packet> got = receive_packet(descriptor(args[0]), static_cast<size_t>(max),
                                      static_cast<int>(args[2].as_int(-1)));
  if (!got) return got.error();
  int fd = got->fd ? got->fd.release() : -1;
  return Value::object({{"data", Bytes{std::move(got->data)}}, {"fd", fd}});
}

Result<Value> windowSize(const Args& args) {
  Result<WindowSize> size = window_size(descriptor(args[0]));
  if (!size) return size.error();
  return Value::object({{"rows", size->rows}, {"columns", size->columns}});
}

Result<Value> setWindowSize(const Args& args) {
  WindowSize size{static_cast<int>(args[1]["rows"].as_int()),
                  static_cast<int>(args[1]["columns"].as_int())};
  OCIRT_TRY(set_window_size(descriptor(args[0]), size));
  return Value();
}

Result<Value> superviseForeground(const Args& args) {
  const Value& in = args[0];
  ForegroundRequest request;
  request.pid = static_cast<pid_t>(in["pid"].as_int());
  request.pty = descriptor(in["ptyFd"]);
  request.forward = integers(in["forward"]);
  request.drain_ms = static_cast<int>(in["drainMs"].as_int());
  OCIRT_C_STRING(host, in["notify"]["host"], "connect");
  request.notify_host = host;
  if (in.has("notify")) request.notify_socket = descriptor(in["notify"]["socket"]);
  if (request.pid <= 0) return make_error("waitpid", EINVAL, {}, "pid");
  Result<ExitStatus> status = supervise_foreground(request);
  if (!status) return status.error();
  return Value::object({{"pid", static_cast<int64_t>(status->pid)},
                        {"exitCode", status->exit_code},
                        {"signal", status->signal}});
}

Result<Value> blockSignals(const Args& args) {
  OCIRT_TRY(block_signals(integers(args[0])));
  return Value();
}

}  // namespace ocirt::op
