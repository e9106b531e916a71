#include "core/channel.h"

#include <sys/socket.h>

#include "core/unique_fd.h"
#include "init/tests/check.h"

namespace ocirt::testing {
namespace {

struct Pair {
  UniqueFd a, b;
  Pair() {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0) {
      a.reset(ends[0]);
      b.reset(ends[1]);
    }
  }
};

}  // namespace

void test_channel(Report& report) {
  {
    Pair pair;
    Value message = Value::object({{"type", "go"}, {"n", 5}});
    CHECK(bool(channel_send(pair.a.get(), message)));
    CHECK(bool(channel_send(pair.a.get(), Value("second"))));
    auto first = channel_receive(pair.b.get(), 1000);
    CHECK(first && *first && **first == message);
    auto second = channel_receive(pair.b.get(), -1);
    CHECK(second && *second && **second == Value("second"));
    auto late = channel_receive(pair.b.get(), 20);
    CHECK(!late && late.error().errnum == ETIMEDOUT);
    pair.a.reset();
    auto end = channel_receive(pair.b.get(), 1000);
    CHECK(end && !*end);
    Status gone = channel_send(pair.b.get(), message);
    CHECK(!gone && gone.error().errnum == EPIPE);
  }
  {
    Pair pair;
    CHECK(send(pair.a.get(), "\x08\0\0\0s", 5, 0) == 5);
    pair.a.reset();
    auto cut = channel_receive(pair.b.get(), 1000);
    CHECK(!cut && cut.error().errnum == ECONNRESET);
  }
  {
    Pair pair;
    CHECK(send(pair.a.get(), "\x01\0\0\0?", 5, 0) == 5);
    auto malformed = channel_receive(pair.b.get(), 1000);
    CHECK(!malformed && malformed.error().errnum == EBADMSG);
    CHECK(send(pair.a.get(), "\xff\xff\xff\xff", 4, 0) == 4);
    auto huge = channel_receive(pair.b.get(), 1000);
    CHECK(!huge && huge.error().errnum == EMSGSIZE);
  }
}

}  // namespace ocirt::testing
