// SPDX-License-Identifier: Apache-2.0
#include "tensors/tfevents.h"

#include <unistd.h>

#include <array>
#include <bit>
#include <string_view>

#include "tensors/tfrecord.h"

namespace qt::tensors {
namespace {

// Field numbers of tensorflow/core/util/event.proto and framework/summary.proto.
enum EventField { kWallTime = 1, kStep = 2, kFileVersion = 3, kSummary = 5, kSessionLog = 7 };
enum SummaryField { kValue = 1 };
enum ValueField { kTag = 1, kSimpleValue = 2 };
enum SessionLogField { kStatus = 1 };
constexpr uint64_t kStart = 1;  // SessionLog.SessionStatus
enum WireType { kVarint = 0, kFixed64 = 1, kLength = 2, kFixed32 = 5 };

void AppendVarint(uint64_t value, Bytes* out) {
  for (; value >= 0x80; value >>= 7) out->push_back(static_cast<uint8_t>(value | 0x80));
  out->push_back(static_cast<uint8_t>(value));
}

void AppendTag(int field, WireType type, Bytes* out) {
  AppendVarint(static_cast<uint64_t>(field) << 3 | type, out);
}

template <typename Number>
void AppendFixed(int field, WireType type, Number value, Bytes* out) {
  AppendTag(field, type, out);
  const auto bytes = std::bit_cast<std::array<uint8_t, sizeof(Number)>>(value);
  out->insert(out->end(), bytes.begin(), bytes.end());
}

void AppendNumber(int field, uint64_t number, Bytes* out) {
  AppendTag(field, kVarint, out);
  AppendVarint(number, out);
}

void AppendBytes(int field, ByteSpan bytes, Bytes* out) {
  AppendTag(field, kLength, out);
  AppendVarint(bytes.size(), out);
  out->insert(out->end(), bytes.begin(), bytes.end());
}

Bytes VersionEvent(double wall_time_s) {
  Bytes event;
  AppendFixed(kWallTime, kFixed64, wall_time_s, &event);
  AppendBytes(kFileVersion, AsBytes("brain.Event:2"), &event);
  return event;
}

Bytes ScalarEvent(int64_t step, double wall_time_s,
                  std::span<const std::pair<std::string, float>> scalars) {
  Bytes summary;
  for (const auto& [tag, scalar] : scalars) {
    Bytes value;
    AppendBytes(kTag, AsBytes(tag), &value);
    AppendFixed(kSimpleValue, kFixed32, scalar, &value);
    AppendBytes(kValue, value, &summary);
  }
  Bytes event;
  AppendFixed(kWallTime, kFixed64, wall_time_s, &event);
  AppendNumber(kStep, static_cast<uint64_t>(step), &event);
  AppendBytes(kSummary, summary, &event);
  return event;
}

Bytes StartEvent(int64_t step, double wall_time_s) {
  Bytes session_log;
  AppendNumber(kStatus, kStart, &session_log);
  Bytes event;
  AppendFixed(kWallTime, kFixed64, wall_time_s, &event);
  AppendNumber(kStep, static_cast<uint64_t>(step), &event);
  AppendBytes(kSessionLog, session_log, &event);
  return event;
}

std::string HostName() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == 0) return "localhost";
  return name.data();
}

}  // namespace

ScalarEventWriter::ScalarEventWriter(std::unique_ptr<ByteSink> sink, double wall_time_s,
                                     std::optional<int64_t> resumed_step)
    : sink_(std::move(sink)), pending_(FrameTfRecord(VersionEvent(wall_time_s))) {
  if (!resumed_step) return;
  const Bytes start = FrameTfRecord(StartEvent(*resumed_step, wall_time_s));
  pending_.insert(pending_.end(), start.begin(), start.end());
}

Result<std::unique_ptr<ScalarEventWriter>> ScalarEventWriter::Create(
    const std::string& dir, double wall_time_s, std::optional<int64_t> resumed_step) {
  const std::string path = dir + "/events.out.tfevents." +
                           std::to_string(static_cast<int64_t>(wall_time_s)) + "." + HostName();
  QT_ASSIGN(std::unique_ptr<ByteSink> sink, OpenForAppend(path));
  return std::make_unique<ScalarEventWriter>(std::move(sink), wall_time_s, resumed_step);
}

Status ScalarEventWriter::Write(int64_t step, double wall_time_s,
                                std::span<const std::pair<std::string, float>> scalars) {
  const Bytes record = FrameTfRecord(ScalarEvent(step, wall_time_s, scalars));
  pending_.insert(pending_.end(), record.begin(), record.end());
  QT_TRY(sink_->Write(pending_));
  pending_.clear();
  return sink_->Flush();
}

}  // namespace qt::tensors
