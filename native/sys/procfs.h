// A procfs that is known to be one, and files below it that nobody has mounted anything on
// (CVE-2019-16884, CVE-2019-19921, CVE-2025-52881).
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "core/unique_fd.h"

namespace ocirt {

// A private, detached procfs (fsopen, Linux 5.2), else the one at /proc: what a user namespace
// without a fully visible procfs gets (EPERM). Either is checked to be the root of a procfs.
Result<UniqueFd> open_procfs();

// Opens `path` below a procfs root with `flags`; no mount on the way is crossed.
Result<UniqueFd> open_in_procfs(int proc, const std::string& path, int flags);

// One write(2) of all of it to a file of open_in_procfs.
Status write_in_procfs(int proc, const std::string& path, std::string_view data);

}  // namespace ocirt
