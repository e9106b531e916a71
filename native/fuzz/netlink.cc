// Answers of the kernel about network devices and addresses.
#include "sys/netlink_parse.h"

#include "fuzz/target.h"

namespace {

void parse(std::string_view payload) {
  int32_t error = 0;
  (void)ocirt::parse_error(payload, error);
  ocirt::NetworkLink link;
  (void)ocirt::parse_link(payload, link);
  ocirt::NetworkAddress address;
  (void)ocirt::parse_address(payload, address);
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view bytes = ocirt::fuzz::text(data, size);
  parse(bytes);
  std::vector<ocirt::NetlinkMessage> messages;
  (void)ocirt::split_messages(bytes, messages);
  for (const ocirt::NetlinkMessage& message : messages) {
    // Views into the datagram, never beyond it.
    ocirt::fuzz::require(message.payload.data() >= bytes.data());
    ocirt::fuzz::require(message.payload.data() + message.payload.size() <= bytes.data() + size);
    parse(message.payload);
  }
  return 0;
}
