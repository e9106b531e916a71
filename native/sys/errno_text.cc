#include "sys/errno_text.h"

#include <cstring>

namespace ocirt {

std::string errno_text(int errnum) {
  const char* text = strerrordesc_np(errnum);
  if (!text) return "errno " + std::to_string(errnum);
  std::string out(text);
  // "RFS specific error" and the like begin with an abbreviation, which stays.
  bool abbreviation = out.size() > 1 && out[1] >= 'A' && out[1] <= 'Z';
  if (!abbreviation && out[0] >= 'A' && out[0] <= 'Z') out[0] = static_cast<char>(out[0] + 32);
  return out;
}

}  // namespace ocirt
