// SPDX-License-Identifier: Apache-2.0
// QT_CHECK: a contract between caller and callee. Broken, it throws ContractError with the values.
// QT_ASSERT: an invariant of our own. Broken, it is our bug and aborts.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <string>

namespace qt {

class ContractError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

template <typename... Values>
[[noreturn]] void ThrowContract(const char* file, int line, const char* condition,
                                const Values&... values) {
  std::ostringstream text;
  text << file << ":" << line << ": requires " << condition;
  ((text << " | " << values), ...);
  throw ContractError(text.str());
}

}  // namespace qt

#define QT_CHECK(condition, ...)                                                      \
  do {                                                                                \
    if (!(condition))                                                                 \
      ::qt::ThrowContract(__FILE__, __LINE__, #condition __VA_OPT__(, ) __VA_ARGS__); \
  } while (false)

#define QT_ASSERT(condition)                                                    \
  do {                                                                          \
    if (!(condition)) {                                                         \
      std::fprintf(stderr, "%s:%d: bug: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                             \
    }                                                                           \
  } while (false)
