// Resolution inside a root, on both rungs of the ladder: each expectation must hold with openat2(2)
// and without.
#include "path/resolve.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "init/tests/check.h"

namespace ocirt::testing {
namespace {

class Fixture {
 public:
  Fixture() {
    std::string base = outer_.path();
    mkdir((base + "/root").c_str(), 0755);
    mkdir((base + "/outside").c_str(), 0755);
    write(base + "/outside/secret");
    std::string root = base + "/root";
    mkdir((root + "/dir").c_str(), 0755);
    mkdir((root + "/dir/sub").c_str(), 0755);
    write(root + "/dir/file");
    link("dir", root + "/relative");
    link("/dir/file", root + "/absolute");
    link("../../outside/secret", root + "/escape");
    link(base + "/outside", root + "/host");
    link("/missing/deep/target", root + "/dangling");
    link("loop", root + "/loop");
    link("/proc/self/root", root + "/magic");
    fd.reset(open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  }

  bool same(int opened, const std::string& path) const {
    struct stat a, b;
    return fstat(opened, &a) == 0 && stat((outer_.path() + path).c_str(), &b) == 0 &&
           a.st_ino == b.st_ino && a.st_dev == b.st_dev;
  }
  bool exists(const std::string& path) const {
    struct stat status;
    return lstat((outer_.path() + path).c_str(), &status) == 0;
  }
  mode_t mode(const std::string& path) const {
    struct stat status;
    return lstat((outer_.path() + path).c_str(), &status) == 0 ? status.st_mode : 0;
  }
  const std::string& base() const { return outer_.path(); }

  UniqueFd fd;

 private:
  static void write(const std::string& path) {
    UniqueFd file(open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
  }
  static void link(const std::string& content, const std::string& path) {
    (void)!symlink(content.c_str(), path.c_str());
  }
  TemporaryDirectory outer_;
};

void resolves(Report& report, Resolver rung, const std::string& name) {
  Fixture f;
  auto goes_to = [&](const char* path, const char* expected) {
    Result<UniqueFd> fd = resolve_in_root(f.fd.get(), path, O_PATH, rung);
    report.check(fd && f.same(fd->get(), expected), name + path + " is " + expected);
  };
  auto fails = [&](const char* path, int flags, int error) {
    Result<UniqueFd> fd = resolve_in_root(f.fd.get(), path, flags, rung);
    report.check(!fd && fd.error().errnum == error,
                 name + path + " fails with " + std::to_string(error));
  };
  goes_to("/", "/root");
  goes_to("", "/root");
  goes_to("dir/sub", "/root/dir/sub");
  goes_to("/dir//./sub/", "/root/dir/sub");
  goes_to("/relative/file", "/root/dir/file");
  goes_to("/absolute", "/root/dir/file");
  goes_to("/..", "/root");
  goes_to("/dir/../../../dir/file", "/root/dir/file");
  goes_to("/relative/../dir", "/root/dir");
  fails("/escape", O_PATH, ENOENT);
  fails("/host/secret", O_PATH, ENOENT);
  fails("/dangling", O_PATH, ENOENT);
  fails("/loop", O_PATH, ELOOP);
  fails("/dir/file/x", O_PATH, ENOTDIR);
  fails("/magic", O_PATH, ENOENT);
  fails("/absolute", O_RDONLY | O_NOFOLLOW, ELOOP);

  Result<UniqueFd> link = resolve_in_root(f.fd.get(), "/absolute", O_PATH | O_NOFOLLOW, rung);
  struct stat status;
  report.check(link && fstat(link->get(), &status) == 0 && S_ISLNK(status.st_mode),
               name + "O_NOFOLLOW opens the link itself");
  Result<UniqueFd> file = resolve_in_root(f.fd.get(), "/absolute", O_RDONLY, rung);
  for (const char* path : {"/relative/file", "/absolute", "/dir/../relative/sub", "/magic/etc"}) {
    Result<UniqueFd> refused = resolve_in_root(f.fd.get(), path, O_PATH, rung, Links::refused);
    report.check(!refused && refused.error().errnum == ELOOP,
                 name + path + ": no link is followed");
  }
  Result<UniqueFd> plain =
      resolve_in_root(f.fd.get(), "/dir/./../dir/file", O_PATH | O_NOFOLLOW, rung, Links::refused);
  report.check(plain && f.same(plain->get(), "/root/dir/file"), name + "and none is needed");
  char byte;
  report.check(file && read(file->get(), &byte, 1) == 0, name + "a file can be opened for reading");
  report.check(file && (fcntl(file->get(), F_GETFD) & FD_CLOEXEC), name + "close-on-exec");
}

void makes(Report& report, Resolver rung, const std::string& name) {
  Fixture f;
  Result<UniqueFd> deep = make_directories_in_root(f.fd.get(), "/relative/a/b", 0750, rung);
  report.check(deep && f.same(deep->get(), "/root/dir/a/b"), name + "directories through a link");
  mode_t before = umask(077);
  Result<UniqueFd> open_mode = make_directories_in_root(f.fd.get(), "/masked", 0755, rung);
  umask(before);
  report.check(open_mode && (f.mode("/root/masked") & 0777) == 0755,
               name + "whatever the umask is");
  Result<UniqueFd> dangling = make_directories_in_root(f.fd.get(), "/dangling", 0755, rung);
  report.check(dangling && f.same(dangling->get(), "/root/missing/deep/target"),
               name + "what a dangling link points at is made inside");
  Result<UniqueFd> host = make_directories_in_root(f.fd.get(), "/host/made", 0755, rung);
  report.check(host && f.same(host->get(), "/root" + f.base() + "/outside/made"),
               name + "an absolute link to the host stays inside");
  report.check(!f.exists("/outside/made"), name + "nothing is made outside");
  Result<UniqueFd> escape = make_file_in_root(f.fd.get(), "/escape", 0600, rung);
  report.check(escape && f.same(escape->get(), "/root/outside/secret") &&
                   (f.mode("/root/outside/secret") & 07777) == 0600,
               name + "a file through a link with ..");
  Result<UniqueFd> blocked = make_directories_in_root(f.fd.get(), "/dir/file/x", 0755, rung);
  report.check(!blocked && blocked.error().errnum == ENOTDIR, name + "a file in the way");
  Result<UniqueFd> there = make_file_in_root(f.fd.get(), "/dir/sub", 0644, rung);
  report.check(there && f.same(there->get(), "/root/dir/sub"), name + "what is there is kept");
}

// A magic link of procfs goes where the kernel says, not where its text says. ELOOP is the answer
// of RESOLVE_NO_MAGICLINKS; RESOLVE_IN_ROOT alone says EXDEV, and may let them through one day
// (openat2(2)). The walk says the same.
void magic_links(Report& report) {
  UniqueFd proc(open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC));
  for (Resolver rung : {Resolver::automatic, Resolver::walk}) {
    for (const char* path : {"/self/cwd", "/self/root/etc", "/self/exe"}) {
      Result<UniqueFd> followed = resolve_in_root(proc.get(), path, O_PATH, rung);
      report.check(!followed && followed.error().errnum == ELOOP,
                   std::string(path) + " is not followed");
    }
    report.check(bool(resolve_in_root(proc.get(), "/self/status", O_PATH, rung)), "/self is");
    report.check(bool(resolve_in_root(proc.get(), "/mounts", O_PATH, rung)), "/mounts is");
  }
}

}  // namespace

void test_resolve(Report& report) {
  resolves(report, Resolver::automatic, "openat2: ");
  resolves(report, Resolver::walk, "walk: ");
  makes(report, Resolver::automatic, "openat2: ");
  makes(report, Resolver::walk, "walk: ");
  magic_links(report);

  Fixture f;
  Result<Place> place = make_place_in_root(f.fd.get(), "/relative/new/node");
  CHECK(place && place->name == "node" && f.same(place->directory.get(), "/root/dir/new"));
  CHECK(!make_place_in_root(f.fd.get(), "/"));

  CHECK(clean_path("") == "/");
  CHECK(clean_path("/") == "/");
  CHECK(clean_path("a//b/./c/") == "/a/b/c");
  CHECK(clean_path("/a/../../b") == "/b");
  CHECK(clean_path("/..") == "/");
}

}  // namespace ocirt::testing
