// Verbs about mounts.
#include <sys/mount.h>
#include <cerrno>
#include <cstdlib>
#include <sstream>

#include "payload.h"

namespace payload {
namespace {

// Octal escapes of proc_pid_mountinfo(5): \040 and the like.
std::string unescape(const std::string& text) {
  std::string out;
  for (size_t i = 0; i < text.size(); i++) {
    if (text[i] == '\\' && i + 3 < text.size()) {
      out += static_cast<char>(std::strtol(text.substr(i + 1, 3).c_str(), nullptr, 8));
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string words(const std::string& commas) {
  std::vector<std::string> out;
  std::stringstream in(commas);
  for (std::string word; std::getline(in, word, ',');) out.push_back(word);
  return strings(out);
}

// One line of mountinfo as an object; `optional` are the propagation fields.
std::string mountOf(const std::string& line) {
  std::stringstream in(line);
  std::string id, parent, device, root, target, options, word, type, source, superOptions;
  in >> id >> parent >> device >> root >> target >> options;
  std::vector<std::string> optional;
  while (in >> word && word != "-") optional.push_back(word);
  in >> type >> source >> superOptions;
  return object({{"id", id},
                 {"parent", parent},
                 {"device", quote(device)},
                 {"root", quote(unescape(root))},
                 {"target", quote(unescape(target))},
                 {"options", words(options)},
                 {"optional", strings(optional)},
                 {"type", quote(type)},
                 {"source", quote(unescape(source))},
                 {"superOptions", words(superOptions)}});
}

// Needs a procfs, at /proc or where the argument says.
std::string mountInfo(const Args& args) {
  std::string content;
  std::string proc = args.empty() ? "/proc" : args[0];
  if (!readFile(proc + "/self/mountinfo", content)) return failure(errno);
  std::vector<std::string> mounts;
  std::stringstream in(content);
  for (std::string line; std::getline(in, line);) mounts.push_back(mountOf(line));
  return array(mounts);
}

// SOURCE TARGET TYPE FLAGS: tries a mount.
std::string tryMount(const Args& args) {
  return outcome(mount(args[0].c_str(), args[1].c_str(), args[2].c_str(),
                       std::strtoul(args[3].c_str(), nullptr, 0), nullptr));
}

std::string tryUnmount(const Args& args) {
  return outcome(umount2(args[0].c_str(), MNT_DETACH));
}

}  // namespace

const std::vector<ReportVerb>& mountVerbs() {
  static const std::vector<ReportVerb> verbs = {
      {"mountinfo", 0, mountInfo}, {"mount", 4, tryMount}, {"umount", 1, tryUnmount}};
  return verbs;
}

}  // namespace payload
