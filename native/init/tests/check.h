// The smallest thing that can be called a test framework: each CHECK is one line of TAP.
#pragma once

#include <cstdio>
#include <string>

namespace ocirt::testing {

class Report {
 public:
  void check(bool passed, const std::string& what) {
    count_++;
    if (!passed) failed_++;
    std::printf("%s %d - %s\n", passed ? "ok" : "not ok", count_, what.c_str());
  }
  void skip(const std::string& what, const char* why) {
    std::printf("ok %d - %s # SKIP %s\n", ++count_, what.c_str(), why);
  }
  int count() const { return count_; }
  int failed() const { return failed_; }

 private:
  int count_ = 0;
  int failed_ = 0;
};

#define CHECK(expression) report.check((expression), #expression)

// A new directory under /tmp, removed with all that is in it.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

void test_value(Report& report);
void test_channel(Report& report);
void test_netlink_parse(Report& report);
void test_resolve(Report& report);
void test_environment(Report& report);
void test_find_executable(Report& report);
void test_hook_process(Report& report);
void test_memory(Report& report);
void test_scheduling(Report& report);
void test_steps(Report& report);

}  // namespace ocirt::testing
