// Operations that wait for descriptors.
#include "core/operations_list.h"
#include "sys/await.h"

namespace ocirt::op {
namespace {

struct EventName {
  std::string_view name;
  short events;
};

// POLLERR and POLLHUP are told of in any case.
constexpr EventName kEvents[] = {{"readable", POLLIN}, {"changed", POLLPRI}, {"ended", 0}};

}  // namespace

Result<Value> eventDescriptor(const Args&) {
  Result<UniqueFd> fd = make_eventfd();
  if (!fd) return fd.error();
  return Value(fd->release());
}

Result<Value> awaitDescriptors(const Args& args) {
  std::vector<pollfd> entries;
  for (const Value& item : args[0].as_array()) {
    const EventName* found = nullptr;
    for (const EventName& entry : kEvents) {
      if (entry.name == item["until"].as_string()) found = &entry;
    }
    if (!found) return make_error("poll", EINVAL, {}, "unknown event");
    entries.push_back({static_cast<int>(item["fd"].as_int(-1)), found->events, 0});
  }
  Result<std::vector<size_t>> ready = await_descriptors(std::move(entries), args[1].as_int(-1));
  if (!ready) return ready.error();
  Value::Array out;
  for (size_t index : *ready) out.emplace_back(static_cast<int64_t>(index));
  return Value(std::move(out));
}

}  // namespace ocirt::op
