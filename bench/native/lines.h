// Text in lines of words, through stdio: the streams of C++ cost a static program a megabyte and
// half a millisecond, which would be seen in what is measured.
#pragma once

#include <cstdio>
#include <string>
#include <vector>

namespace bench {

using Words = std::vector<std::string>;

// The next line without its end; false where there is none.
inline bool readLine(FILE* file, std::string& line) {
  line.clear();
  for (int byte = std::fgetc(file); byte != EOF; byte = std::fgetc(file)) {
    if (byte == '\n') return true;
    line.push_back(static_cast<char>(byte));
  }
  return !line.empty();
}

// What stands between tabs.
inline Words split(const std::string& line) {
  Words words;
  size_t from = 0;
  for (size_t tab; (tab = line.find('\t', from)) != std::string::npos; from = tab + 1) {
    words.push_back(line.substr(from, tab - from));
  }
  words.push_back(line.substr(from));
  return words;
}

// The whole number that a file begins with; 0 where there is none.
inline long readNumber(const std::string& file) {
  long number = 0;
  if (FILE* stream = std::fopen(file.c_str(), "re")) {
    if (std::fscanf(stream, "%ld", &number) != 1) number = 0;
    std::fclose(stream);
  }
  return number;
}

}  // namespace bench
