// The payload program: the only file of the test containers. It looks at the container from
// inside and tells what it sees as JSON, or does what a test needs a process to do.
//
//   ocirt-payload VERB ARGS...
//   ocirt-payload report VERB ARGS... , VERB ARGS...      several at once, as {"VERB": ...}
//
// It depends on nothing in the container: where the kernel has a system call for a fact, it does
// not read /proc for it.
#pragma once

#include <string>
#include <vector>

namespace payload {

using Args = std::vector<std::string>;

// A verb that reports returns JSON; what fails is told in it, as {"errno": "ENOENT"}.
struct ReportVerb {
  const char* name;
  size_t minArgs;
  std::string (*report)(const Args& args);
};

// A verb that acts returns the exit status.
struct ActVerb {
  const char* name;
  size_t minArgs;
  int (*act)(const Args& args);
};

const std::vector<ReportVerb>& fileVerbs();
const std::vector<ReportVerb>& mountVerbs();
const std::vector<ReportVerb>& processVerbs();
const std::vector<ReportVerb>& limitVerbs();
const std::vector<ReportVerb>& namespaceVerbs();
const std::vector<ReportVerb>& systemCallVerbs();
const std::vector<ReportVerb>& terminalVerbs();
const std::vector<ActVerb>& workVerbs();
const std::vector<ActVerb>& hostVerbs();
const std::vector<ActVerb>& agentVerbs();
const std::vector<ActVerb>& datagramVerbs();
const std::vector<ActVerb>& huntVerbs();
const std::vector<ActVerb>& attackVerbs();
const std::vector<ActVerb>& talkVerbs();
const std::vector<ActVerb>& olderVerbs();

// Becomes the program, which is looked for in PATH; ends with 127 where it cannot.
[[noreturn]] void execute(const Args& args);

// JSON ---------------------------------------------------------------------------------------
std::string quote(const std::string& text);
std::string number(long long value);
std::string boolean(bool value);
using Members = std::vector<std::pair<std::string, std::string>>;
// Values are JSON already, keys are not.
std::string object(const Members& members);
std::string array(const std::vector<std::string>& values);
std::string strings(const std::vector<std::string>& values);
// {"errno": NAME} for the errno given.
std::string failure(int error);
// "ok", or failure(errno) where `result` is negative.
std::string outcome(long result);
std::string errnoName(int error);

// Files --------------------------------------------------------------------------------------
// False with errno set where it cannot be read.
bool readFile(const std::string& path, std::string& content);
std::string readLink(const std::string& path);

}  // namespace payload
