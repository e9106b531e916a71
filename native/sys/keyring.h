// Session keyrings, keyrings(7).
#pragma once

#include <string>

#include "core/result.h"

namespace ocirt {

// Joins the session keyring `name`, made if it is missing, and makes it searchable: by its owner,
// or (`by_others`, in user namespaces, where the owner may be unmapped) by everyone.
Status join_session_keyring(const std::string& name, bool by_others);

}  // namespace ocirt
