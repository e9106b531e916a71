#include "sys/netlink_parse.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <cstring>

#include "init/tests/check.h"

namespace ocirt::testing {
namespace {

template <typename T>
std::string raw(const T& value) {
  return std::string(reinterpret_cast<const char*>(&value), sizeof value);
}

std::string attribute(unsigned short type, const std::string& data) {
  rtattr header{static_cast<unsigned short>(sizeof(rtattr) + data.size()), type};
  std::string out = raw(header) + data;
  out.resize((out.size() + 3) & ~size_t{3});
  return out;
}

std::string link_payload() {
  ifinfomsg header{};
  header.ifi_index = 7;
  header.ifi_flags = 1;
  return raw(header) + attribute(IFLA_IFNAME, std::string("eth0\0", 5)) +
         attribute(IFLA_MTU, raw(uint32_t{1400})) + attribute(IFLA_ADDRESS, "\1\2\3\4\5\6");
}

// A link is read.
void a_link_is_read(Report& report) {
  NetworkLink link;
  CHECK(parse_link(link_payload(), link));
  CHECK(link.index == 7 && link.flags == 1 && link.mtu == 1400);
  CHECK(link.name == "eth0");
  CHECK(link.address == "\1\2\3\4\5\6");
}

// No cut of a link is read beyond its end.
void no_cut_of_a_link_is_read_beyond_its_end(Report& report) {
  std::string whole = link_payload();
  for (size_t size = 0; size < whole.size(); size++) {
    std::string cut(whole.data(), size);  // of its own, so that a sanitizer sees a byte too many
    NetworkLink link;
    bool read = parse_link(cut, link);
    CHECK(read == false || size >= sizeof(ifinfomsg));
  }
}

// An attribute with a wrong length is refused.
void an_attribute_with_a_wrong_length_is_refused(Report& report) {
  NetworkLink link;
  for (unsigned short length : {0, 3, 9, 65535}) {
    rtattr header{length, IFLA_MTU};
    CHECK(!parse_link(raw(ifinfomsg{}) + raw(header) + "abcd", link));
  }
}

// Messages are split and a wrong length ends it.
void messages_are_split_and_a_wrong_length_ends_it(Report& report) {
  nlmsghdr header{};
  header.nlmsg_len = sizeof header + 3;
  header.nlmsg_type = NLMSG_DONE;
  header.nlmsg_seq = 9;
  std::string two = raw(header) + std::string("abc\0", 4) + raw(header) + "def";
  std::vector<NetlinkMessage> messages;
  CHECK(split_messages(two, messages));
  CHECK(messages.size() == 2 && messages[1].payload == "def" && messages[1].sequence == 9);
  for (uint32_t length : {0U, 15U, 200U, ~0U}) {
    header.nlmsg_len = length;
    messages.clear();
    CHECK(!split_messages(raw(header), messages));
    CHECK(messages.empty());
  }
}

// All flags of an address are in an attribute of their own.
void all_flags_of_an_address_are_in_an_attribute_of_their_own(Report& report) {
  ifaddrmsg header{};
  header.ifa_family = 2;
  header.ifa_prefixlen = 24;
  header.ifa_flags = 0x80;
  header.ifa_index = 3;
  NetworkAddress address;
  CHECK(parse_address(raw(header) + attribute(IFA_LOCAL, "\x0a\x01\x01\x01"), address));
  CHECK(address.flags == 0x80 && address.local.size() == 4 && address.index == 3);
  CHECK(parse_address(raw(header) + attribute(IFA_FLAGS, raw(uint32_t{0x280})), address));
  CHECK(address.flags == 0x280);
}

}  // namespace

void test_netlink_parse(Report& report) {
  a_link_is_read(report);
  no_cut_of_a_link_is_read_beyond_its_end(report);
  an_attribute_with_a_wrong_length_is_refused(report);
  messages_are_split_and_a_wrong_length_ends_it(report);
  all_flags_of_an_address_are_in_an_attribute_of_their_own(report);
}

}  // namespace ocirt::testing
