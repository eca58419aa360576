// SPDX-License-Identifier: Apache-2.0
// Status and Result<T>: the expected failures of this project, carried by value.
//
// Three kinds of wrong (docs/CONVENTIONS.md): an expected failure is a Status or Result; a broken
// contract throws ContractError (base/check.h); our own bug aborts. lib/cli alone turns a Status
// into text on stderr and an exit status.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace qt {

// What went wrong, as far as a caller may want to act on it. ExitStatus() maps it for lib/cli.
enum class Code : uint8_t {
  kOk,
  kFailed,       // I/O or anything without a better code            exit 1
  kNotFound,     // a file or a name is not there                    exit 1
  kCorrupt,      // the bytes are not what their format says         exit 1
  kUsage,        // a flag or a configuration key is wrong           exit 2
  kPartial,      // finished, but the answer is no or data was lost  exit 3
  kBusy,         // the lock is held, try later                      exit 75
  kInterrupted,  // SIGINT or SIGTERM, after closing properly        exit 130
  kClosedPipe,   // the reader of our stdout went away: no message   exit 0
};

int ExitStatus(Code code);

class [[nodiscard]] Status {
 public:
  Status() = default;  // ok
  Status(Code code, std::string message) : code_(code), message_(std::move(message)) {}

  bool ok() const { return code_ == Code::kOk; }
  Code code() const { return code_; }
  const std::string& message() const { return message_; }

  // Adds where it happened. The innermost path and offset win.
  Status&& At(std::string_view path) &&;
  Status&& At(std::string_view path, uint64_t offset_bytes) &&;
  const std::string& path() const { return path_; }
  std::optional<uint64_t> offset_bytes() const { return offset_bytes_; }

  // Adds what was being done or looked at ("episode a-000007"), on the way up: each one goes before
  // those that are there. An ok status stays as it is.
  Status&& In(std::string_view what) &&;
  const std::string& context() const { return context_; }  // "OUTER: INNER", or empty

  // One sentence: "CONTEXT: PATH: MESSAGE (at byte OFFSET)".
  std::string ToString() const;

 private:
  Code code_ = Code::kOk;
  std::string message_;
  std::string context_;
  std::string path_;
  std::optional<uint64_t> offset_bytes_;
};

inline Status Ok() { return Status(); }
// The message is one clear sentence without a capital or a full stop.
inline Status Failed(std::string message) { return {Code::kFailed, std::move(message)}; }
inline Status NotFound(std::string message) { return {Code::kNotFound, std::move(message)}; }
inline Status Corrupt(std::string message) { return {Code::kCorrupt, std::move(message)}; }
inline Status Usage(std::string message) { return {Code::kUsage, std::move(message)}; }
inline Status Partial(std::string message) { return {Code::kPartial, std::move(message)}; }
// "WHAT: strerror(errno_value)".
Status FromErrno(int errno_value, std::string_view what);

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}        // NOLINT(google-explicit-constructor)
  Result(Status status) : state_(std::move(status)) {  // NOLINT(google-explicit-constructor)
    if (std::get<Status>(state_).ok()) std::get<Status>(state_) = Failed("no value and no error");
  }
  bool ok() const { return std::holds_alternative<T>(state_); }
  const Status& status() const& {
    static const Status kOkStatus;
    return ok() ? kOkStatus : std::get<Status>(state_);
  }
  Status status() && { return ok() ? Status() : std::move(std::get<Status>(state_)); }
  // As Status::In, if there is no value.
  Result&& In(std::string_view what) && {
    if (!ok()) static_cast<void>(std::move(std::get<Status>(state_)).In(what));
    return std::move(*this);
  }
  // REQUIRES: ok().
  T& value() & { return std::get<T>(state_); }
  const T& value() const& { return std::get<T>(state_); }
  T&& value() && { return std::get<T>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  std::variant<T, Status> state_;
};

}  // namespace qt

#define QT_CONCAT_INNER(a, b) a##b
#define QT_CONCAT(a, b) QT_CONCAT_INNER(a, b)

// Returns from the enclosing function if `expr` (a Status) is not ok.
#define QT_TRY(expr)                                                        \
  do {                                                                      \
    if (::qt::Status qt_status = (expr); !qt_status.ok()) return qt_status; \
  } while (false)

// QT_ASSIGN(auto x, Compute()): declares or assigns `x` from a Result, or returns its Status.
#define QT_ASSIGN(lhs, expr) QT_ASSIGN_IMPL(QT_CONCAT(qt_result_, __LINE__), lhs, expr)
#define QT_ASSIGN_IMPL(tmp, lhs, expr)           \
  auto tmp = (expr);                             \
  if (!tmp.ok()) return std::move(tmp).status(); \
  lhs = std::move(tmp).value()
