// SPDX-License-Identifier: Apache-2.0
// Checked files: every write, flush, sync and close is checked, and errors name the path.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace qt {

using Bytes = std::vector<uint8_t>;
using ByteSpan = std::span<const uint8_t>;

inline ByteSpan AsBytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// A sequential sink. Not thread-safe.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  // All bytes or an error; EINTR and short writes are retried. EPIPE gives Code::kClosedPipe.
  virtual Status Write(ByteSpan bytes) = 0;
  virtual Status Flush() = 0;
  // Makes the result final (for a file: flush, fsync, close, rename, fsync of the folder). A sink
  // that is destroyed without Commit leaves nothing under the final name.
  virtual Status Commit() = 0;
  // What was flushed so far is worth keeping: a file sink that is destroyed without Commit leaves
  // its hidden temporary, and an error names it. Discard takes that back.
  virtual void KeepIfAbandoned() {}
  virtual void Discard() {}
  virtual const std::string& name() const = 0;
  // What it writes to, for a child process that writes instead; -1 if there is none.
  virtual int descriptor() const { return -1; }
};

// A sequential source. Not thread-safe.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // Up to bytes.size() bytes; 0 at the end of the input.
  virtual Result<size_t> Read(std::span<uint8_t> bytes) = 0;
  virtual const std::string& name() const = 0;
};

enum class Overwrite { kNo, kYes };  // --force

// Writes PATH by way of a hidden temporary beside it; see ByteSink::Commit. Fails if PATH exists
// and may not be overwritten (also when it appears meanwhile). A link stays, and what it points to
// is written (base/output_place.h). Anything but a regular file is refused: for names that the
// program itself chose.
Result<std::unique_ptr<ByteSink>> CreateFile(const std::string& path, Overwrite overwrite);
// The same for a name that a user chose. A descriptor, a device or a FIFO is written in place; a
// FIFO waits for its reader, until a stop is requested.
Result<std::unique_ptr<ByteSink>> CreateOutput(const std::string& path, Overwrite overwrite);
// A new file's name in a spool folder: DIR/PREFIX-<UTC yyyymmddThhmmssZ>-<run_id>SUFFIX.
std::string NameInSpool(const std::string& dir, const std::string& prefix,
                        const std::string& run_id, const std::string& suffix);
// Writes a file of that name by the same rule; never replaces one. Makes DIR if it is missing.
Result<std::unique_ptr<ByteSink>> CreateInSpool(const std::string& dir, const std::string& prefix,
                                                const std::string& run_id,
                                                const std::string& suffix);
// A log that grows in place, made if missing; not atomic. Flush after what must survive a crash.
Result<std::unique_ptr<ByteSink>> OpenForAppend(const std::string& path);
// Standard output; Commit flushes and closes it, so that a full disk is noticed.
std::unique_ptr<ByteSink> StdoutSink();

// Once *stop is true, a read that waits for a pipe or a terminal gives Code::kInterrupted within
// 0.1 s, and the process can close what it has open. The flag must outlive all sources.
void SetStopFlag(const std::atomic<bool>* stop);
bool StopRequested();

// ".../folder" is refused here, not at the first read.
Result<std::unique_ptr<ByteSource>> OpenFile(const std::string& path);
// The same for a file that was found, not named: whatever else stands there is refused, so that
// nothing waits for a FIFO.
Result<std::unique_ptr<ByteSource>> OpenRegularFile(const std::string& path);
std::unique_ptr<ByteSource> StdinSource();
// Whether the name of an input is "-".
bool NamesStdin(const std::string& input);
// OpenFile, or standard input if its name says so.
Result<std::unique_ptr<ByteSource>> OpenInput(const std::string& name);

// Random access to a regular file.
class RandomAccessFile {
 public:
  static Result<std::unique_ptr<RandomAccessFile>> Open(const std::string& path);
  virtual ~RandomAccessFile() = default;
  virtual uint64_t size_bytes() const = 0;
  // Exactly bytes.size() bytes or an error.
  virtual Status ReadAt(uint64_t offset_bytes, std::span<uint8_t> bytes) const = 0;
  virtual const std::string& name() const = 0;
};

// Renames a finished file and syncs the folder it ends in. A link at `to` stays, as in CreateFile.
Status MoveFile(const std::string& from, const std::string& to, Overwrite overwrite);
// Unlinks the files and syncs their folders. Goes on after an error and returns the first.
Status RemoveFiles(std::span<const std::string> paths);

// Makes a folder and those above it; fine if it is there.
Status MakeFolder(const std::string& path);
// A folder of this name is there.
bool IsFolder(const std::string& path);
// The name of an output means a folder: one is there, or the name ends in a slash.
bool NamesFolder(const std::string& path);

// Of a regular file; anything else is refused, without waiting for it.
Result<std::string> ReadWholeFile(const std::string& path, uint64_t max_bytes = 1u << 30);
// Of whatever a user named: a FIFO or a device is waited for, until a stop is requested.
Result<std::string> ReadWholeInput(const std::string& path, uint64_t max_bytes = 1u << 30);
Status WriteWholeFile(const std::string& path, std::string_view contents, Overwrite overwrite);

}  // namespace qt
