// Waiting for something to happen to one of several descriptors.
#pragma once

#include <poll.h>

#include <vector>

#include "core/result.h"
#include "core/unique_fd.h"

namespace ocirt {

// An eventfd(2) with the count 0.
Result<UniqueFd> make_eventfd();

// poll(2) until one is ready or the time is over (-1: no limit), also across signals. Returns the
// indexes of those that are ready; a descriptor that is not open is an error.
Result<std::vector<size_t>> await_descriptors(std::vector<pollfd> entries, int64_t timeout_ms);

}  // namespace ocirt
