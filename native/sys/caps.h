// Capability sets of the calling process, capabilities(7), as masks of 1 << number.
#pragma once

#include <cstdint>

#include "core/result.h"

namespace ocirt {

// Drops from the bounding set what is not in `keep`.
Status limit_bounding_caps(uint64_t keep);

// Sets the three sets of capset(2).
Status set_caps(uint64_t effective, uint64_t permitted, uint64_t inheritable);

// Makes the ambient set exactly `ambient`. The detail of an error names the capability.
Status set_ambient_caps(uint64_t ambient);

// "CAP_CHOWN" of 0; "CAP_?" where the number is newer than this list.
const char* cap_name(int number);

}  // namespace ocirt
