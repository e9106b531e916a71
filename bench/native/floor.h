// The floor of the benches: a program that does for a container what no runtime can leave out, in
// the order of a list that was made beforehand, and nothing else: no config.json, no checks, no
// capabilities, no seccomp, no limits, no useful errors. What a runtime needs beyond it is its own.
//
//   floor --root DIR VERB [--pid-file FILE] ID [WORDS]      in a bundle with a floor.txt
//
// Verbs: create start state kill delete run exec, and --version.
#pragma once

#include <string>
#include <vector>

#include "lines.h"

namespace bench {

// floor.txt, made by bench/floor.ts from config.json: a step a line, words separated by tabs.
struct List {
  unsigned long namespaces = 0;
  std::string hostname;
  // Folders, which are there, in which the cgroups of containers are made.
  Words cgroups;
  Words args;
  // Everything that is done inside of the new mount namespace, in order.
  std::vector<Words> steps;
};

List readList();

// Ends the program with errno's text unless `ok`.
void must(bool ok, const std::string& what);

// Makes the file system of the container and changes to it; runs in the new namespaces.
void enter(const List& list, const std::string& id);

[[noreturn]] void executeProgram(const Words& args);

}  // namespace bench
