// The cases of the public MCAP conformance suite. `write DIR LIST` writes them with the record builder of @mcap/core, and
// beside each what it holds; `check` compares that with what our reader says, and reads what our writer wrote.
"use strict";

const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const { McapChunkBuilder, McapIndexedReader, McapRecordBuilder, McapStreamReader } = require("@mcap/core");
const { crc32 } = require("@foxglove/crc");

const DATA = new Uint8Array([1, 2, 3]);
const SCHEMA = { id: 1, name: "Example", encoding: "c", data: new Uint8Array([4, 5, 6]) };
const TIMES = [0n, 2n, 1n, 3n, 3n, 5n, 4n, 7n, 8n, 9n];
const message = (sequence, logTime, publishTime) => ({ channelId: 1, sequence, logTime, publishTime, data: DATA });
const MESSAGES = {
  OneMessage: [message(10, 2n, 1n)],
  OneSchemalessMessage: [message(10, 2n, 1n)],
  TenMessages: TIMES.map((time, i) => message(i, time, time)),
};
// The features that change what is written for a kind of record, and those that put something into the summary.
const FEATURES = {
  NoData: [["st"], []],
  OneMessage: [["rsh", "rch", "st", "chx"], ["ch", "mx"]],
  OneSchemalessMessage: [["rch", "st", "chx"], ["ch", "mx"]],
  OneAttachment: [["ax", "st"], []],
  OneMetadata: [["mdx", "st"], []],
  TenMessages: [["rsh", "rch", "st", "chx"], ["ch", "mx"]],
};

function* subsets(items) {
  for (let bits = 0; bits < 1 << items.length; ++bits) yield items.filter((_, i) => (bits >> i) & 1);
}

function makesSense(features, summary) {
  const has = (feature) => features.includes(feature);
  if ((has("mx") || has("chx")) && !has("ch")) return false;
  return !has("sum") || summary.some(has);
}

function allCases() {
  const cases = [];
  for (const [name, [summary, data]] of Object.entries(FEATURES)) {
    for (const features of subsets([...summary, ...data, "sum", "pad"])) {
      if (makesSense(features, summary)) cases.push({ name, features: new Set(features) });
    }
  }
  return cases.map((one) => ({ ...one, file: [one.name, ...[...one.features].sort()].join("-") }));
}

const text = (value) => (typeof value === "bigint" ? value.toString() : value);
const pairs = (map) => Object.fromEntries([...map].map(([key, value]) => [String(key), text(value)]));

// A record of @mcap/core as mcap_records prints it.
const AS_JSON = {
  Header: (r) => ({ profile: r.profile, library: r.library }),
  Schema: (r) => ({ id: r.id, name: r.name, encoding: r.encoding, data: [...r.data] }),
  Channel: (r) => ({ id: r.id, schema_id: r.schemaId, topic: r.topic, message_encoding: r.messageEncoding, metadata: pairs(r.metadata) }),
  Message: (r) => ({ channel_id: r.channelId, sequence: r.sequence, log_time: text(r.logTime), publish_time: text(r.publishTime), data: [...r.data] }),
  Chunk: (r) => ({ start_time: text(r.messageStartTime), end_time: text(r.messageEndTime), uncompressed_size: text(r.uncompressedSize), crc: r.uncompressedCrc, compression: r.compression, compressed_size: r.records.byteLength }),
  MessageIndex: (r) => ({ channel_id: r.channelId, entries: r.records.map((entry) => entry.map(text)) }),
  Attachment: (r) => ({ log_time: text(r.logTime), create_time: text(r.createTime), name: r.name, media_type: r.mediaType, data: [...r.data], crc: r.crc }),
  Metadata: (r) => ({ name: r.name, metadata: pairs(r.metadata) }),
  DataEnd: (r) => ({ crc: r.dataSectionCrc }),
  Statistics: (r) => ({ messages: text(r.messageCount), schemas: r.schemaCount, channels: r.channelCount, attachments: r.attachmentCount, metadata: r.metadataCount, chunks: r.chunkCount, start_time: text(r.messageStartTime), end_time: text(r.messageEndTime), channel_messages: pairs(r.channelMessageCounts) }),
  ChunkIndex: (r) => ({ start_time: text(r.messageStartTime), end_time: text(r.messageEndTime), offset: text(r.chunkStartOffset), length: text(r.chunkLength), message_index_offsets: pairs(r.messageIndexOffsets), message_index_length: text(r.messageIndexLength), compression: r.compression, compressed_size: text(r.compressedSize), uncompressed_size: text(r.uncompressedSize) }),
  AttachmentIndex: (r) => ({ offset: text(r.offset), length: text(r.length), log_time: text(r.logTime), create_time: text(r.createTime), data_size: text(r.dataSize), name: r.name, media_type: r.mediaType }),
  MetadataIndex: (r) => ({ offset: text(r.offset), length: text(r.length), name: r.name }),
  SummaryOffset: (r) => ({ group: r.groupOpcode, start: text(r.groupStart), length: text(r.groupLength) }),
  Footer: (r) => ({ summary_start: text(r.summaryStart), summary_offset_start: text(r.summaryOffsetStart), crc: r.summaryCrc }),
};
const toJson = (type, record) => ({ type, ...AS_JSON[type](record) });

// Writes one file record by record and remembers what it wrote.
class CaseWriter {
  constructor(features) {
    this.has = (feature) => features.has(feature);
    this.builder = new McapRecordBuilder({ padRecords: this.has("pad") });
    this.records = [];
    this.groups = [];
  }
  get at() {
    return BigInt(this.builder.length);
  }
  put(type, record) {
    const offset = this.at;
    this.builder[`write${type}`](record);
    this.records.push(toJson(type, record));
    return { offset, length: this.at - offset };
  }
  group(opcode, write) {
    const groupStart = this.at;
    write();
    if (this.at > groupStart) this.groups.push({ groupOpcode: opcode, groupStart, groupLength: this.at - groupStart });
  }
  crcSince(start) {
    return crc32(this.builder.buffer.subarray(Number(start)));
  }
}

// Their chunk builder orders an index by time; both orders are allowed.
const inFileOrder = (entries) => [...entries].sort((a, b) => Number(a[1] - b[1]));

function putChunk(writer, schema, channel, messages) {
  const chunk = new McapChunkBuilder({ useMessageIndex: true });
  if (schema) chunk.addSchema(schema);
  chunk.addChannel(channel);
  messages.forEach((one) => chunk.addMessage(one));
  const records = chunk.buffer.slice();
  const size = BigInt(records.byteLength);
  const times = { messageStartTime: chunk.messageStartTime, messageEndTime: chunk.messageEndTime };
  const place = writer.put("Chunk", { ...times, uncompressedSize: size, uncompressedCrc: crc32(records), compression: "", records });
  if (schema) writer.records.push(toJson("Schema", schema));
  writer.records.push(toJson("Channel", channel));
  messages.forEach((one) => writer.records.push(toJson("Message", one)));
  const indexStart = writer.at;
  const messageIndexOffsets = new Map();
  if (writer.has("mx")) {
    for (const index of chunk.indices) {
      messageIndexOffsets.set(index.channelId, writer.at);
      writer.put("MessageIndex", { channelId: index.channelId, records: inFileOrder(index.records) });
    }
  }
  return { ...times, chunkStartOffset: place.offset, chunkLength: place.length, messageIndexOffsets, messageIndexLength: writer.at - indexStart, compression: "", compressedSize: size, uncompressedSize: size };
}

function buildCase({ name, features }) {
  const writer = new CaseWriter(features);
  const { has } = writer;
  const messages = MESSAGES[name] ?? [];
  const schema = name === "OneSchemalessMessage" || messages.length === 0 ? undefined : SCHEMA;
  const channel = { id: 1, schemaId: schema ? 1 : 0, topic: "example", messageEncoding: "a", metadata: new Map([["foo", "bar"]]) };
  const chunkIndexes = [];
  writer.builder.writeMagic();
  writer.put("Header", { profile: "", library: "" });
  let attachment, metadata;
  if (messages.length > 0 && has("ch")) {
    chunkIndexes.push(putChunk(writer, schema, channel, messages));
  } else if (messages.length > 0) {
    if (schema) writer.put("Schema", schema);
    writer.put("Channel", channel);
    messages.forEach((one) => writer.put("Message", one));
  }
  if (name === "OneAttachment") attachment = putAttachment(writer);
  if (name === "OneMetadata") metadata = writer.put("Metadata", { name: "myMetadata", metadata: new Map([["foo", "bar"]]) });
  writer.put("DataEnd", { dataSectionCrc: writer.crcSince(0) });

  const summaryStart = writer.at;
  writer.group(3, () => has("rsh") && schema && writer.put("Schema", schema));
  writer.group(4, () => has("rch") && messages.length > 0 && writer.put("Channel", channel));
  const times = messages.map((one) => one.logTime).sort((a, b) => Number(a - b));
  writer.group(11, () => has("st") && writer.put("Statistics", {
    messageCount: BigInt(messages.length), schemaCount: schema ? 1 : 0, channelCount: messages.length > 0 ? 1 : 0,
    attachmentCount: attachment ? 1 : 0, metadataCount: metadata ? 1 : 0, chunkCount: chunkIndexes.length,
    messageStartTime: times[0] ?? 0n, messageEndTime: times[times.length - 1] ?? 0n,
    channelMessageCounts: new Map(messages.length > 0 ? [[1, BigInt(messages.length)]] : []),
  }));
  writer.group(8, () => has("chx") && chunkIndexes.forEach((index) => writer.put("ChunkIndex", index)));
  writer.group(10, () => has("ax") && attachment && writer.put("AttachmentIndex", attachment));
  writer.group(13, () => has("mdx") && metadata && writer.put("MetadataIndex", { ...metadata, name: "myMetadata" }));
  const any = writer.groups.length > 0;
  const offsets = has("sum") && any ? writer.at : 0n;
  if (has("sum")) writer.groups.forEach((group) => writer.put("SummaryOffset", group));
  putFooter(writer, any ? summaryStart : 0n, offsets, summaryStart);
  return { bytes: writer.builder.buffer.slice(), records: writer.records };
}

function putAttachment(writer) {
  const record = { logTime: 2n, createTime: 1n, name: "myFile", mediaType: "application/octet-stream", data: DATA };
  const offset = writer.at;
  writer.builder.writeAttachment(record);
  // The builder computes the checksum itself: of the body before it.
  const bytes = writer.builder.buffer.slice(Number(offset) + 9);
  const crcAt = 8 + 8 + 4 + record.name.length + 4 + record.mediaType.length + 8 + DATA.length;
  const crc = new DataView(bytes.buffer, bytes.byteOffset).getUint32(crcAt, true);
  assert.equal(crc, crc32(bytes.subarray(0, crcAt)));
  writer.records.push(toJson("Attachment", { ...record, crc }));
  return { ...record, offset, length: writer.at - offset, dataSize: BigInt(DATA.length) };
}

// The checksum covers the summary and the footer up to itself, so the footer is written twice.
function putFooter(writer, summaryStart, summaryOffsetStart, sectionStart) {
  const trial = new McapRecordBuilder({ padRecords: false });
  trial.writeFooter({ summaryStart, summaryOffsetStart, summaryCrc: 0 });
  const section = Buffer.concat([writer.builder.buffer.subarray(Number(sectionStart)), trial.buffer.subarray(0, 25)]);
  writer.put("Footer", { summaryStart, summaryOffsetStart, summaryCrc: crc32(section) });
  writer.builder.writeMagic();
}

function writeCases(folder, list) {
  const cases = allCases();
  for (const one of cases) {
    const { bytes, records } = buildCase(one);
    fs.writeFileSync(path.join(folder, `${one.file}.mcap`), bytes);
    fs.writeFileSync(path.join(folder, `${one.file}.json`), JSON.stringify(records));
  }
  fs.writeFileSync(list, cases.map((one) => `${one.file}\n`).join(""));
}

const lines = (file) => fs.readFileSync(file, "utf8").split("\n").filter(Boolean);

// Everything that a streaming reader of theirs sees of a file of ours; it opens chunks itself.
function streamed(bytes) {
  const reader = new McapStreamReader({ validateCrcs: true, includeChunks: true });
  reader.append(bytes);
  const records = [];
  for (let record; (record = reader.nextRecord()); ) records.push(toJson(record.type, record));
  assert.ok(reader.done());
  return records;
}

async function indexed(bytes) {
  const readable = { size: async () => BigInt(bytes.length), read: async (offset, size) => new Uint8Array(bytes.subarray(Number(offset), Number(offset + size))) };
  const reader = await McapIndexedReader.Initialize({ readable });
  const messages = [];
  for await (const one of reader.readMessages()) messages.push(toJson("Message", one));
  return messages;
}

async function checkOurs(one) {
  const expected = buildCase(one);
  const bytes = fs.readFileSync(path.join("ours", `${one.file}.mcap`));
  // Their reader checks the checksum of an attachment, but does not hand it out.
  const visible = expected.records.map(({ ...record }) => (record.type === "Attachment" ? { ...record, crc: undefined } : record));
  assert.deepEqual(streamed(bytes), visible, one.file);
  assert.ok(bytes.equals(Buffer.from(expected.bytes)), `${one.file}: other bytes`);
  if (!["ch", "mx", "chx", "rch"].every((feature) => one.features.has(feature))) return false;
  if (!one.features.has("rsh") && one.name !== "OneSchemalessMessage") return false;
  const byTime = expected.records.filter((record) => record.type === "Message").sort((a, b) => Number(a.log_time) - Number(b.log_time));
  assert.deepEqual(await indexed(bytes), byTime, one.file);
  return true;
}

async function checkAll() {
  const names = lines("cases.txt");
  const read = lines("theirs.json");
  assert.equal(read.length, names.length);
  names.forEach((name, i) => {
    const expected = JSON.parse(fs.readFileSync(path.join("theirs", `${name}.json`), "utf8"));
    assert.deepEqual(JSON.parse(read[i]), expected, name);
  });
  let written = 0, byIndex = 0;
  for (const one of allCases()) {
    if (one.features.has("pad")) continue;
    byIndex += await checkOurs(one);
    ++written;
  }
  console.log(`${names.length} cases read, ${written} written, ${byIndex} of them read by index`);
  assert.equal(names.length, 416);
}

if (process.argv[2] === "write") writeCases(process.argv[3], process.argv[4]);
else checkAll();
