// How the core says that something failed: a Result is a value or an Error. No exceptions.
#pragma once

#include <cerrno>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace ocirt {

// One failed system call (or library function), with the path it was about.
struct Error {
  std::string syscall;  // "" if it was none
  int errnum = 0;       // 0 if errno says nothing
  std::string path;     // "" if there is none
  std::string detail;   // in words, where errno does not say it
};

// The error of the system call that has just failed. errno is read first.
inline Error sys_error(std::string_view syscall, std::string_view path = {},
                       std::string_view detail = {}) {
  int saved = errno;
  return Error{std::string(syscall), saved, std::string(path), std::string(detail)};
}

inline Error make_error(std::string_view syscall, int errnum, std::string_view path = {},
                        std::string_view detail = {}) {
  return Error{std::string(syscall), errnum, std::string(path), std::string(detail)};
}

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : data_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : data_(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return data_.index() == 0; }
  T& operator*() { return std::get<0>(data_); }
  const T& operator*() const { return std::get<0>(data_); }
  T* operator->() { return &std::get<0>(data_); }
  const T* operator->() const { return &std::get<0>(data_); }
  Error& error() { return std::get<1>(data_); }
  const Error& error() const { return std::get<1>(data_); }

 private:
  std::variant<T, Error> data_;
};

// Success without a value, or an Error.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Error error) : error_(std::move(error)) {}
  explicit operator bool() const { return !error_; }
  Error& error() { return *error_; }
  const Error& error() const { return *error_; }

 private:
  std::optional<Error> error_;
};

// Returns the error of `expression` (a Status or Result) from the enclosing function, if it has
// one.
#define OCIRT_TRY(expression)                                                \
  do {                                                                       \
    if (auto ocirt_try = (expression); !ocirt_try) return ocirt_try.error(); \
  } while (0)

}  // namespace ocirt
