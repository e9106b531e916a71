#include "core/value.h"

#include <cstring>
#include <limits>

namespace ocirt {
namespace {

const Value kNull;
const std::string kEmptyString;
const Value::Array kEmptyArray;
const Value::Object kEmptyObject;

// Deeper than any plan: keeps a malformed message from exhausting the stack.
constexpr int kMaxDepth = 64;

}  // namespace

Value::Value(uint64_t v) {
  if (v <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
    data_ = static_cast<int64_t>(v);
  } else {
    data_ = v;
  }
}

bool Value::as_bool(bool fallback) const {
  const bool* v = std::get_if<bool>(&data_);
  return v ? *v : fallback;
}

int64_t Value::as_int(int64_t fallback) const {
  if (const int64_t* v = std::get_if<int64_t>(&data_)) return *v;
  if (const uint64_t* v = std::get_if<uint64_t>(&data_)) return static_cast<int64_t>(*v);
  if (const double* v = std::get_if<double>(&data_)) return static_cast<int64_t>(*v);
  return fallback;
}

uint64_t Value::as_uint(uint64_t fallback) const {
  if (const uint64_t* v = std::get_if<uint64_t>(&data_)) return *v;
  return static_cast<uint64_t>(as_int(static_cast<int64_t>(fallback)));
}

double Value::as_double(double fallback) const {
  if (const double* v = std::get_if<double>(&data_)) return *v;
  if (const int64_t* v = std::get_if<int64_t>(&data_)) return static_cast<double>(*v);
  return fallback;
}

const std::string& Value::as_string() const {
  if (const std::string* v = std::get_if<std::string>(&data_)) return *v;
  if (const Bytes* v = std::get_if<Bytes>(&data_)) return v->data;
  return kEmptyString;
}

const Value::Array& Value::as_array() const {
  const Array* v = std::get_if<Array>(&data_);
  return v ? *v : kEmptyArray;
}

const Value::Object& Value::as_object() const {
  const Object* v = std::get_if<Object>(&data_);
  return v ? *v : kEmptyObject;
}

const Value& Value::operator[](std::string_view key) const {
  for (const Member& member : as_object()) {
    if (member.first == key) return member.second;
  }
  return kNull;
}

const Value& Value::at(size_t index) const {
  const Array& array = as_array();
  return index < array.size() ? array[index] : kNull;
}

namespace {

template <typename T>
void put(std::string& out, T v) {
  char raw[sizeof v];
  std::memcpy(raw, &v, sizeof v);
  out.append(raw, sizeof v);
}

void put_text(std::string& out, const std::string& text) {
  put(out, static_cast<uint32_t>(text.size()));
  out += text;
}

class Decoder {
 public:
  explicit Decoder(std::string_view data) : rest_(data) {}

  bool finished() const { return rest_.empty(); }

  bool value(Value& out, int depth) {
    if (depth > kMaxDepth || rest_.empty()) return false;
    char tag = rest_.front();
    rest_.remove_prefix(1);
    switch (tag) {
      case 'n':
        out = Value();
        return true;
      case 't':
        out = Value(true);
        return true;
      case 'f':
        out = Value(false);
        return true;
      case 'i':
        return number<int64_t>(out);
      case 'u':
        return number<uint64_t>(out);
      case 'd':
        return number<double>(out);
      case 's': {
        std::string text;
        if (!string(text)) return false;
        out = Value(std::move(text));
        return true;
      }
      case 'b': {
        Bytes bytes;
        if (!string(bytes.data)) return false;
        out = Value(std::move(bytes));
        return true;
      }
      case 'a':
        return array(out, depth);
      case 'o':
        return object(out, depth);
      default:
        return false;
    }
  }

 private:
  template <typename T>
  bool get(T& v) {
    if (rest_.size() < sizeof v) return false;
    std::memcpy(&v, rest_.data(), sizeof v);
    rest_.remove_prefix(sizeof v);
    return true;
  }

  template <typename T>
  bool number(Value& out) {
    T v;
    if (!get(v)) return false;
    out = Value(v);
    return true;
  }

  bool string(std::string& out) {
    uint32_t length;
    if (!get(length) || rest_.size() < length) return false;
    out.assign(rest_.data(), length);
    rest_.remove_prefix(length);
    return true;
  }

  // Every element takes at least one byte, so a count above what is left is a lie: refused
  // before anything is allocated for it.
  bool count(uint32_t& out) { return get(out) && out <= rest_.size(); }

  bool array(Value& out, int depth) {
    uint32_t n;
    if (!count(n)) return false;
    Value::Array items;
    items.reserve(n);
    for (uint32_t i = 0; i < n; i++) {
      Value item;
      if (!value(item, depth + 1)) return false;
      items.push_back(std::move(item));
    }
    out = Value(std::move(items));
    return true;
  }

  bool object(Value& out, int depth) {
    uint32_t n;
    if (!count(n)) return false;
    Value::Object members;
    members.reserve(n);
    for (uint32_t i = 0; i < n; i++) {
      std::string name;
      Value item;
      if (!string(name) || !value(item, depth + 1)) return false;
      members.emplace_back(std::move(name), std::move(item));
    }
    out = Value(std::move(members));
    return true;
  }

  std::string_view rest_;
};

}  // namespace

void encode(const Value& value, std::string& out) {
  struct Writer {
    std::string& out;
    void operator()(std::monostate) { out += 'n'; }
    void operator()(bool v) { out += v ? 't' : 'f'; }
    void operator()(int64_t v) { out += 'i', put(out, v); }
    void operator()(uint64_t v) { out += 'u', put(out, v); }
    void operator()(double v) { out += 'd', put(out, v); }
    void operator()(const std::string& v) { out += 's', put_text(out, v); }
    void operator()(const Bytes& v) { out += 'b', put_text(out, v.data); }
    void operator()(const Value::Array& v) {
      out += 'a', put(out, static_cast<uint32_t>(v.size()));
      for (const Value& item : v) encode(item, out);
    }
    void operator()(const Value::Object& v) {
      out += 'o', put(out, static_cast<uint32_t>(v.size()));
      for (const Value::Member& member : v) put_text(out, member.first), encode(member.second, out);
    }
  };
  std::visit(Writer{out}, value.data_);
}

bool decode(std::string_view data, Value& out) {
  Decoder decoder(data);
  return decoder.value(out, 0) && decoder.finished();
}

}  // namespace ocirt
