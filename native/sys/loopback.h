// The loopback interface of the current network namespace.
#pragma once

#include "core/result.h"

namespace ocirt {

// Brings up `lo`.
Status raise_loopback();

}  // namespace ocirt
