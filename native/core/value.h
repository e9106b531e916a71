// Plain data: what operations take and return, and what host and helper say to each other.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace ocirt {

// Raw bytes, kept apart from text so that each host can give them its own type.
struct Bytes {
  std::string data;
  bool operator==(const Bytes&) const = default;
};

// null, boolean, integer, double, string, bytes, array or object. Integers keep all 64 bits:
// those above INT64_MAX are held as uint64_t. Objects keep their order and are small, so a look-up
// is a linear search.
class Value {
 public:
  using Array = std::vector<Value>;
  using Member = std::pair<std::string, Value>;
  using Object = std::vector<Member>;

  Value() = default;
  Value(std::nullptr_t) {}
  Value(bool v) : data_(v) {}
  Value(int v) : data_(int64_t{v}) {}
  Value(unsigned v) : data_(int64_t{v}) {}
  Value(int64_t v) : data_(v) {}
  Value(uint64_t v);
  Value(double v) : data_(v) {}
  Value(const char* v) : data_(std::string(v)) {}
  Value(std::string_view v) : data_(std::string(v)) {}
  Value(std::string v) : data_(std::move(v)) {}
  Value(Bytes v) : data_(std::move(v)) {}
  Value(Array v) : data_(std::move(v)) {}
  Value(Object v) : data_(std::move(v)) {}

  static Value object(std::initializer_list<Member> members) { return Value(Object(members)); }

  bool is_null() const { return std::holds_alternative<std::monostate>(data_); }
  bool is_bool() const { return std::holds_alternative<bool>(data_); }
  bool is_integer() const {
    return std::holds_alternative<int64_t>(data_) || std::holds_alternative<uint64_t>(data_);
  }
  bool is_double() const { return std::holds_alternative<double>(data_); }
  bool is_string() const { return std::holds_alternative<std::string>(data_); }
  bool is_bytes() const { return std::holds_alternative<Bytes>(data_); }
  bool is_array() const { return std::holds_alternative<Array>(data_); }
  bool is_object() const { return std::holds_alternative<Object>(data_); }

  // Each returns the fallback where the value is of another type: the interpreter and the
  // operations have no policy, so a missing field is its neutral value.
  bool as_bool(bool fallback = false) const;
  int64_t as_int(int64_t fallback = 0) const;
  uint64_t as_uint(uint64_t fallback = 0) const;
  double as_double(double fallback = 0) const;
  const std::string& as_string() const;  // of a string or of bytes; "" else
  const Array& as_array() const;         // empty else
  const Object& as_object() const;       // empty else

  // The member of that name, or a null value. Never fails.
  const Value& operator[](std::string_view key) const;
  const Value& operator[](const char* key) const { return (*this)[std::string_view(key)]; }
  // The element at that index, or a null value.
  const Value& at(size_t index) const;
  bool has(std::string_view key) const { return !(*this)[key].is_null(); }

  bool operator==(const Value&) const = default;

 private:
  std::variant<std::monostate, bool, int64_t, uint64_t, double, std::string, Bytes, Array, Object>
      data_;
  friend void encode(const Value& value, std::string& out);
};

// The wire format, little-endian, one tag byte first:
//   'n' null   't' true   'f' false   'i' int64   'u' uint64   'd' double
//   's' u32 length, text   'b' u32 length, bytes
//   'a' u32 count, values  'o' u32 count, (u32 length, name, value)
void encode(const Value& value, std::string& out);

// Decodes one value that fills `data` to its last byte. False where it is malformed, nested deeper
// than 64 levels, or does not end where the data does.
bool decode(std::string_view data, Value& out);

}  // namespace ocirt
