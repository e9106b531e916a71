// Finds the verb and runs it; see payload.h.
#include <cstdio>
#include <initializer_list>

#include "payload.h"

namespace payload {
namespace {

const ReportVerb* findReport(const std::string& name) {
  for (const auto* table : {&fileVerbs(), &mountVerbs(), &processVerbs(), &limitVerbs(),
                            &namespaceVerbs(), &systemCallVerbs(), &terminalVerbs()}) {
    for (const auto& verb : *table) {
      if (name == verb.name) return &verb;
    }
  }
  return nullptr;
}

const ActVerb* findAct(const std::string& name) {
  for (const auto* table : {&workVerbs(), &hostVerbs(), &agentVerbs(), &datagramVerbs(),
                            &huntVerbs(), &attackVerbs(), &talkVerbs(), &olderVerbs()}) {
    for (const auto& verb : *table) {
      if (name == verb.name) return &verb;
    }
  }
  return nullptr;
}

int fail(const std::string& message) {
  std::fprintf(stderr, "ocirt-payload: %s\n", message.c_str());
  return 125;
}

// VERB ARGS... , VERB ARGS...: an array of what each reports, in order.
int reportAll(const Args& words) {
  std::vector<std::string> results;
  size_t at = 0;
  while (at < words.size()) {
    const ReportVerb* verb = findReport(words[at]);
    if (verb == nullptr) return fail("no verb " + words[at]);
    Args args;
    for (at++; at < words.size() && words[at] != ","; at++) args.push_back(words[at]);
    at++;
    if (args.size() < verb->minArgs) return fail(std::string(verb->name) + ": too few arguments");
    results.push_back(verb->report(args));
  }
  std::printf("%s\n", array(results).c_str());
  return 0;
}

}  // namespace
}  // namespace payload

int main(int argc, char** argv) {
  using namespace payload;
  Args words(argv + 1, argv + argc);
  if (words.empty()) return fail("a verb is needed");
  std::string name = words.front();
  words.erase(words.begin());
  if (name == "report") return reportAll(words);
  if (name == "args") {
    std::printf("%s\n", strings(Args(argv, argv + argc)).c_str());
    return 0;
  }
  if (const ActVerb* verb = findAct(name)) {
    if (words.size() < verb->minArgs) return fail(name + ": too few arguments");
    return verb->act(words);
  }
  if (const ReportVerb* verb = findReport(name)) {
    if (words.size() < verb->minArgs) return fail(name + ": too few arguments");
    std::printf("%s\n", verb->report(words).c_str());
    return 0;
  }
  return fail("no verb " + name);
}
