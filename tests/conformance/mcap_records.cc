// SPDX-License-Identifier: Apache-2.0
// The records of MCAP files, for the comparison with an independent implementation:
//   mcap_records read FILE...    each file's records as one line of JSON, by our scanner
//   mcap_records write DIR       the cases named on stdin (NAME or NAME-feature-feature...), each
//                                as DIR/CASE.mcap, by our writer
// The cases and features are those of the public MCAP conformance suite (README.md beside this).

#include <array>
#include <cstdio>
#include <iostream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/file.h"
#include "json/json.h"
#include "mcap/mcap_scanner.h"
#include "mcap/mcap_writer.h"

namespace qt::mcap {
namespace {

void Check(const Status& status) { QT_CHECK(status.ok(), status.ToString()); }

std::string Number(uint64_t value) { return std::to_string(value); }  // JSON has no 64 bits

Json NumberArray(ByteSpan bytes) {
  Json array = Json::array();
  for (uint8_t byte : bytes) array.push_back(byte);
  return array;
}

Json NumberMap(const std::map<uint16_t, uint64_t>& map) {
  Json object = Json::object();
  for (const auto& [key, value] : map) object[Number(key)] = Number(value);
  return object;
}

template <typename Record>
const Record& Parsed(const Result<Record>& result) {
  Check(result.status());
  return *result;
}

Json DataRecord(uint8_t op, ByteSpan body) {
  switch (op) {
    case kHeader: {
      const auto r = Parsed(ParseHeader(body));
      return {{"profile", r.profile}, {"library", r.library}};
    }
    case kSchema: {
      const auto r = Parsed(ParseSchema(body));
      return {{"id", r.id},
              {"name", r.name},
              {"encoding", r.encoding},
              {"data", NumberArray(AsBytes(r.data))}};
    }
    case kChannel: {
      const auto r = Parsed(ParseChannel(body));
      return {{"id", r.id},
              {"schema_id", r.schema_id},
              {"topic", r.topic},
              {"message_encoding", r.message_encoding},
              {"metadata", r.metadata}};
    }
    case kMessage: {
      const auto r = Parsed(ParseMessage(body));
      return {{"channel_id", r.channel_id},
              {"sequence", r.sequence},
              {"log_time", Number(r.log_time)},
              {"publish_time", Number(r.publish_time)},
              {"data", NumberArray(r.data)}};
    }
    case kChunk: {
      const auto r = Parsed(ParseChunk(body));
      return {{"start_time", Number(r.start_time)},
              {"end_time", Number(r.end_time)},
              {"uncompressed_size", Number(r.uncompressed_bytes)},
              {"crc", r.crc},
              {"compression", r.compression},
              {"compressed_size", r.records.size()}};
    }
    case kMessageIndex: {
      const auto r = Parsed(ParseMessageIndex(body));
      Json entries = Json::array();
      for (const auto& [time, offset] : r.entries)
        entries.push_back({Number(time), Number(offset)});
      return {{"channel_id", r.channel_id}, {"entries", entries}};
    }
    case kAttachment: {
      const auto r = Parsed(ParseAttachment(body));
      return {{"log_time", Number(r.log_time)},
              {"create_time", Number(r.create_time)},
              {"name", r.name},
              {"media_type", r.media_type},
              {"data", NumberArray(r.data)},
              {"crc", r.crc}};
    }
    case kMetadata: {
      const auto r = Parsed(ParseMetadata(body));
      return {{"name", r.name}, {"metadata", r.values}};
    }
    default:
      return {{"crc", Parsed(ParseDataEnd(body))}};
  }
}

Json SummaryRecord(uint8_t op, ByteSpan body) {
  switch (op) {
    case kStatistics: {
      const auto r = Parsed(ParseStatistics(body));
      return {{"messages", Number(r.messages)},
              {"schemas", r.schemas},
              {"channels", r.channels},
              {"attachments", r.attachments},
              {"metadata", r.metadata},
              {"chunks", r.chunks},
              {"start_time", Number(r.start_time)},
              {"end_time", Number(r.end_time)},
              {"channel_messages", NumberMap(r.channel_messages)}};
    }
    case kChunkIndex: {
      const auto r = Parsed(ParseChunkIndex(body));
      return {{"start_time", Number(r.start_time)},
              {"end_time", Number(r.end_time)},
              {"offset", Number(r.offset)},
              {"length", Number(r.length)},
              {"message_index_offsets", NumberMap(r.message_index_offsets)},
              {"message_index_length", Number(r.message_index_bytes)},
              {"compression", r.compression},
              {"compressed_size", Number(r.compressed_bytes)},
              {"uncompressed_size", Number(r.uncompressed_bytes)}};
    }
    case kAttachmentIndex: {
      const auto r = Parsed(ParseAttachmentIndex(body));
      return {{"offset", Number(r.offset)},        {"length", Number(r.length)},
              {"log_time", Number(r.log_time)},    {"create_time", Number(r.create_time)},
              {"data_size", Number(r.data_bytes)}, {"name", r.name},
              {"media_type", r.media_type}};
    }
    case kMetadataIndex: {
      const auto r = Parsed(ParseMetadataIndex(body));
      return {{"offset", Number(r.offset)}, {"length", Number(r.length)}, {"name", r.name}};
    }
    case kSummaryOffset: {
      const auto r = Parsed(ParseSummaryOffset(body));
      return {{"group", r.group}, {"start", Number(r.start)}, {"length", Number(r.length)}};
    }
    default: {
      const auto r = Parsed(ParseFooter(body));
      return {{"summary_start", Number(r.summary_start)},
              {"summary_offset_start", Number(r.summary_offset_start)},
              {"crc", r.summary_crc}};
    }
  }
}

void AddRecord(uint8_t op, ByteSpan body, Json* records) {
  const bool summary = op == kFooter || op == kStatistics || op == kChunkIndex ||
                       op == kAttachmentIndex || op == kMetadataIndex || op == kSummaryOffset;
  Json record = {{"type", OpName(op)}};
  record.update(summary ? SummaryRecord(op, body) : DataRecord(op, body));
  records->push_back(std::move(record));
}

Json ReadFile(const std::string& path) {
  Scanner scanner(std::move(OpenFile(path)).value());
  Json records = Json::array();
  for (;;) {
    const auto record = Parsed(scanner.Next());
    QT_CHECK(scanner.TakeGaps().empty(), path);
    if (!record) return records;
    AddRecord(record->op, record->body, &records);
    if (record->op == kDataEnd) {
      const uint32_t crc = Parsed(ParseDataEnd(record->body));
      QT_CHECK(crc == 0 || crc == scanner.data_crc(), path);
    }
    if (record->op != kChunk) continue;
    Check(ForEachRecord(*Parsed(scanner.Unpack()), [&](const RecordView& inner) {
      AddRecord(inner.op, inner.body, &records);
      return Ok();
    }));
  }
}

// The records of a case, as the suite has them.
struct Case {
  std::string name;
  std::set<std::string> features;
  bool has(const char* feature) const { return features.contains(feature); }
};

Case ParseCase(const std::string& line) {
  std::istringstream words(line);
  Case parsed;
  std::getline(words, parsed.name, '-');
  for (std::string feature; std::getline(words, feature, '-');) parsed.features.insert(feature);
  return parsed;
}

std::vector<Message> MessagesOf(const std::string& name) {
  static constexpr std::array<uint8_t, 3> kData = {1, 2, 3};
  if (name == "TenMessages") {
    std::vector<Message> messages;
    for (const uint64_t time : {0, 2, 1, 3, 3, 5, 4, 7, 8, 9}) {
      messages.push_back({1, static_cast<uint32_t>(messages.size()), time, time, kData});
    }
    return messages;
  }
  if (name == "OneMessage" || name == "OneSchemalessMessage") return {{1, 10, 2, 1, kData}};
  return {};
}

void WriteMessages(const Case& test, Writer* writer) {
  const std::vector<Message> messages = MessagesOf(test.name);
  if (messages.empty()) return;
  const bool has_schema = test.name != "OneSchemalessMessage";
  const Schema schema{1, "Example", "c", "\4\5\6"};
  const Channel channel{1, uint16_t{has_schema}, "example", "a", {{"foo", "bar"}}};
  Builder chunk;
  if (test.has("ch")) {
    if (has_schema) chunk.Put(schema);
    chunk.Put(channel);
    for (const Message& message : messages) chunk.Put(message);
    return Check(writer->AddChunk(chunk.bytes(), 0));
  }
  if (has_schema) Check(writer->Add(schema));
  Check(writer->Add(channel));
  for (const Message& message : messages) Check(writer->Add(message));
}

void WriteCase(const std::string& folder, const std::string& line) {
  static constexpr std::array<uint8_t, 3> kData = {1, 2, 3};
  const Case test = ParseCase(line);
  WriterOptions options;
  options.message_indexes = test.has("mx");
  options.chunk_indexes = test.has("chx");
  options.metadata_indexes = test.has("mdx");
  options.attachment_indexes = test.has("ax");
  options.statistics = test.has("st");
  options.summary_offsets = test.has("sum");
  options.repeated_schemas = test.has("rsh");
  options.repeated_channels = test.has("rch");
  Writer writer(std::move(CreateFile(folder + "/" + line + ".mcap", Overwrite::kYes)).value(),
                options);
  Check(writer.Start("", ""));
  WriteMessages(test, &writer);
  if (test.name == "OneAttachment") {
    Check(writer.Add(Attachment{2, 1, "myFile", "application/octet-stream", kData, 0, 0}));
  }
  if (test.name == "OneMetadata") Check(writer.Add(Metadata{"myMetadata", {{"foo", "bar"}}}));
  Check(writer.Finish());
}

int Main(const std::vector<std::string>& args) {
  QT_CHECK(args.size() >= 2 && (args[0] == "read" || args[0] == "write"),
           "read FILE... or write DIR");
  if (args[0] == "write") {
    for (std::string line; std::getline(std::cin, line);) WriteCase(args[1], line);
    return 0;
  }
  for (size_t i = 1; i < args.size(); ++i) std::cout << ReadFile(args[i]).dump() << "\n";
  return 0;
}

}  // namespace
}  // namespace qt::mcap

int main(int argc, char** argv) { return qt::mcap::Main({argv + 1, argv + argc}); }
