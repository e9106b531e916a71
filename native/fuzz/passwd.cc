// What the image says: its /etc/passwd, and environments. First line: a uid; the rest is both.
#include "fuzz/target.h"
#include "init/environment.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text = ocirt::fuzz::text(data, size);
  uint64_t uid = 0;
  for (size_t i = 0; i < size && i < sizeof uid; i++) uid = uid << 8 | data[i];
  for (uint64_t each : {uint64_t{0}, uint64_t{1000}, uid}) {
    std::string home = ocirt::home_in_passwd(text, each);
    ocirt::fuzz::require(home.find('\n') == std::string::npos);
  }
  std::vector<std::string> env;
  for (size_t from = 0; from < text.size();) {
    size_t to = std::min(text.find('\n', from), text.size());
    env.emplace_back(text.substr(from, to - from));
    from = to + 1;
  }
  ocirt::Result<std::vector<std::string>> clean = ocirt::clean_environment(env);
  if (clean) ocirt::fuzz::require(clean->size() <= env.size());
  return 0;
}
