// What happens inside of the new namespaces; see floor.h.
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <cstdlib>

#include "floor.h"

namespace bench {
namespace {

// rootfs is the working directory: paths in the list are relative to it.
std::string inside(const std::string& path) {
  return "." + path;
}

unsigned long flagsOf(const std::string& text) {
  return std::strtoul(text.c_str(), nullptr, 10);
}

void makeTarget(const std::string& path, bool directory) {
  if (access(path.c_str(), F_OK) == 0) return;
  for (size_t at = path.find('/', 2); at != std::string::npos; at = path.find('/', at + 1)) {
    mkdir(path.substr(0, at).c_str(), 0755);
  }
  if (directory) {
    mkdir(path.c_str(), 0755);
  } else {
    close(open(path.c_str(), O_CREAT | O_CLOEXEC, 0644));
  }
}

// mount TYPE SOURCE TARGET FLAGS DATA
void mountNew(const Words& step) {
  const std::string target = inside(step[3]);
  makeTarget(target, true);
  const char* data = step.size() > 5 ? step[5].c_str() : nullptr;
  must(mount(step[2].c_str(), target.c_str(), step[1].c_str(), flagsOf(step[4]), data) == 0,
       target);
}

// bind SOURCE TARGET FLAGS
void bind(const std::string& source, const std::string& target, unsigned long flags) {
  struct stat about {};
  must(stat(source.c_str(), &about) == 0, source);
  makeTarget(target, S_ISDIR(about.st_mode));
  must(mount(source.c_str(), target.c_str(), nullptr, MS_BIND | MS_REC, nullptr) == 0, target);
  if (flags != 0) {
    const unsigned long again = MS_BIND | MS_REMOUNT | flags;
    must(mount(nullptr, target.c_str(), nullptr, again, nullptr) == 0, target);
  }
}

// cgroups TARGET FLAGS: a tmpfs with the container's own cgroup of each hierarchy in it.
void mountCgroups(const List& list, const std::string& id, const Words& step) {
  const std::string target = inside(step[1]);
  makeTarget(target, true);
  must(mount("tmpfs", target.c_str(), "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=755") == 0,
       target);
  for (const std::string& folder : list.cgroups) {
    const std::string hierarchy = folder.substr(0, folder.rfind('/'));
    bind(folder + "/" + id, target + hierarchy.substr(hierarchy.rfind('/')), flagsOf(step[2]));
  }
  const unsigned long again = MS_REMOUNT | MS_BIND | flagsOf(step[2]);
  must(mount(nullptr, target.c_str(), nullptr, again, nullptr) == 0, target);
}

void mask(const std::string& path) {
  struct stat about {};
  if (stat(path.c_str(), &about) != 0) return;
  if (S_ISDIR(about.st_mode)) {
    must(mount("tmpfs", path.c_str(), "tmpfs", MS_RDONLY, "nr_blocks=1,nr_inodes=1") == 0, path);
  } else {
    must(mount("/dev/null", path.c_str(), nullptr, MS_BIND, nullptr) == 0, path);
  }
}

void makeReadOnly(const std::string& path) {
  if (mount(path.c_str(), path.c_str(), nullptr, MS_BIND | MS_REC, nullptr) != 0) return;
  const unsigned long flags = MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC;
  must(mount(nullptr, path.c_str(), nullptr, flags, nullptr) == 0, path);
}

// device PATH MAJOR MINOR
void device(const Words& step) {
  const auto number = makedev(flagsOf(step[2]), flagsOf(step[3]));
  must(mknod(inside(step[1]).c_str(), S_IFCHR | 0666, number) == 0, step[1]);
}

void bringUpLoopback() {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  request.ifr_name[0] = 'l';
  request.ifr_name[1] = 'o';
  request.ifr_flags = IFF_UP;
  must(ioctl(fd, SIOCSIFFLAGS, &request) == 0, "lo");
  close(fd);
}

}  // namespace

void enter(const List& list, const std::string& id) {
  if (list.namespaces & CLONE_NEWNET) bringUpLoopback();
  if (!list.hostname.empty()) sethostname(list.hostname.data(), list.hostname.size());
  must(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "/");
  must(mount("rootfs", "rootfs", nullptr, MS_BIND | MS_REC, nullptr) == 0, "rootfs");
  must(chdir("rootfs") == 0, "rootfs");
  for (const Words& step : list.steps) {
    const std::string& what = step[0];
    if (what == "mount") mountNew(step);
    if (what == "bind") bind(step[1], inside(step[2]), flagsOf(step[3]));
    if (what == "cgroups") mountCgroups(list, id, step);
    if (what == "device") device(step);
    if (what == "link") must(symlink(step[1].c_str(), inside(step[2]).c_str()) == 0, step[2]);
    if (what == "mask") mask(inside(step[1]));
    if (what == "readonly") makeReadOnly(inside(step[1]));
  }
  must(syscall(SYS_pivot_root, ".", ".") == 0, "pivot_root");
  must(umount2(".", MNT_DETACH) == 0, "the old root");
  must(chdir("/") == 0, "/");
}

void executeProgram(const Words& args) {
  std::vector<char*> argv;
  for (const std::string& word : args) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  char* environment[] = {const_cast<char*>("PATH=/bin"), nullptr};
  execve(argv[0], argv.data(), environment);
  must(false, args[0]);
  _exit(1);
}

}  // namespace bench
