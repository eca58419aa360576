// check.js FILE DUMP PICTURES: reads an episode file with @mcap/core, decodes its messages by the
// schemas that stand in it (@foxglove), and compares with what `qt-data dump --images` gave.
"use strict";

const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const { McapIndexedReader, McapStreamReader } = require("@mcap/core");
const { loadDecompressHandlers } = require("@mcap/support");
const { parse } = require("@foxglove/rosmsg");
const { MessageReader } = require("@foxglove/rosmsg2-serialization");

const MAGIC = Buffer.from("\x89MCAP0\r\n", "latin1");
const PIECE_BYTES = 4096;

const ns = (time) => BigInt(time.sec) * 1000000000n + BigInt(time.nsec ?? time.nanosec);

class FileReadable {
  constructor(bytes) {
    this.bytes = bytes;
  }
  async size() {
    return BigInt(this.bytes.length);
  }
  async read(offset, size) {
    return new Uint8Array(this.bytes.subarray(Number(offset), Number(offset + size)));
  }
}

// Files joined by `cat` are for streaming readers that start again; these readers do not.
function splitFiles(bytes) {
  const marks = [];
  for (let at = bytes.indexOf(MAGIC); at >= 0; at = bytes.indexOf(MAGIC, at + 1)) marks.push(at);
  const files = [];
  for (let i = 0; i + 1 < marks.length; i += 2) {
    files.push(bytes.subarray(marks[i], marks[i + 1] + MAGIC.length));
  }
  return files;
}

function makeDecoders(schemas, channels) {
  const decoders = new Map();
  for (const channel of channels.values()) {
    const schema = schemas.get(channel.schemaId);
    assert.equal(schema.encoding, "ros2msg");
    assert.equal(channel.messageEncoding, "cdr");
    assert.equal(channel.metadata.get("offered_qos_profiles"), "");
    const text = new TextDecoder().decode(schema.data);
    decoders.set(channel.id, new MessageReader(parse(text, { ros2: true })));
  }
  return decoders;
}

function decodeAll(messages, schemas, channels) {
  const decoders = makeDecoders(schemas, channels);
  return messages.map((message) => ({
    topic: channels.get(message.channelId).topic,
    logTime: message.logTime,
    body: decoders.get(message.channelId).readMessage(message.data),
  }));
}

function readStreamed(bytes, decompressHandlers) {
  const reader = new McapStreamReader({ decompressHandlers, validateCrcs: true });
  const schemas = new Map();
  const channels = new Map();
  const messages = [];
  const metadata = [];
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    reader.append(bytes.subarray(at, at + PIECE_BYTES));
    for (let record; (record = reader.nextRecord()); ) {
      if (record.type === "Header") assert.equal(record.profile, "ros2");
      if (record.type === "Schema") schemas.set(record.id, record);
      if (record.type === "Channel") channels.set(record.id, record);
      if (record.type === "Message") messages.push({ ...record, data: record.data.slice() });
      if (record.type === "Metadata") metadata.push(record.name);
    }
  }
  assert.equal(reader.done(), true, "the streaming reader is not done");
  assert.deepEqual(metadata, ["qt.run", "qt.program.1"]);
  return decodeAll(messages, schemas, channels);
}

async function readIndexed(bytes, decompressHandlers) {
  const readable = new FileReadable(bytes);
  const reader = await McapIndexedReader.Initialize({ readable, decompressHandlers });
  const messages = [];
  for await (const message of reader.readMessages()) messages.push(message);
  assert.equal(reader.statistics.messageCount, BigInt(messages.length));
  assert.equal(reader.statistics.chunkCount, reader.chunkIndexes.length);
  assert.equal(reader.metadataIndexes.length, 2);
  return decodeAll(messages, reader.schemasById, reader.channelsById);
}

function checkLogTimes(messages) {
  for (let i = 1; i < messages.length; ++i) {
    assert.ok(messages[i].logTime > messages[i - 1].logTime, `log time of message ${i}`);
  }
}

// Groups the messages of one file by episode.
function episodesOf(messages) {
  const episodes = [];
  for (const message of messages) {
    if (message.topic === "/qt/episode") episodes.push({ head: message.body, parts: [] });
    else episodes[episodes.length - 1].parts.push(message);
  }
  return episodes;
}

const bodiesOf = (episode, ...topics) =>
  episode.parts.filter((part) => topics.includes(part.topic)).map((part) => part.body);

function checkPicture(message, dumped, pictures) {
  const file = fs.readFileSync(path.join(pictures, dumped.file));
  if (dumped.encoding === "jpeg") {
    assert.equal(message.format, "jpeg");
    assert.ok(file.equals(Buffer.from(message.data)), `${dumped.file} differs`);
    assert.equal(dumped.bytes, message.data.length);
    return;
  }
  assert.equal(message.encoding, "rgb8");
  assert.equal(message.step, 3 * message.width);
  const pixels = file.subarray(file.length - message.data.length);
  assert.ok(pixels.equals(Buffer.from(message.data)), `${dumped.file} differs`);
}

// JSON has the shortest decimal number of a float32.
const same32 = (a, b) => (b === null ? !Number.isFinite(a) : a === Math.fround(b));

function checkStep(message, dumped) {
  assert.equal(ns(message.stamp), BigInt(dumped.stamp_ns));
  assert.equal(message.index, dumped.index);
  assert.deepEqual([...message.action], Object.values(dumped.action).map(Math.fround));
  assert.ok(same32(message.gripper_height, dumped.gripper.height_m));
  assert.ok(same32(message.gripper_yaw, dumped.gripper.yaw_rad));
  assert.ok(same32(message.measured_opening, dumped.gripper.measured_opening_m));
  assert.equal(message.is_terminal, dumped.is_terminal);
}

function checkCamera(episode, dumped) {
  const [info] = bodiesOf(episode, "/camera/camera_info");
  assert.equal(info.width, dumped.camera.width_px);
  assert.equal(info.k[0], dumped.camera.fx_px);
  assert.equal(info.p[6], dumped.camera.cy_px);
  const [tf] = bodiesOf(episode, "/tf_static", "/tf");
  const { header, child_frame_id, transform } = tf.transforms[0];
  assert.equal(`${header.frame_id}>${child_frame_id}`, "world>camera");
  const { x, y, z } = transform.translation;
  assert.deepEqual([x, y, z], dumped.camera.position_m);
  assert.equal(transform.rotation.w, dumped.camera.orientation_wxyz[0]);
}

function checkEpisode(episode, dumped, pictures) {
  assert.equal(episode.head.episode_id, dumped.id);
  assert.equal(String(episode.head.seed), dumped.seed);
  const steps = bodiesOf(episode, "/qt/step");
  const images = bodiesOf(episode, "/camera/image/compressed", "/camera/image");
  const checks = bodiesOf(episode, "/camera/check/compressed", "/camera/check");
  const labels = bodiesOf(episode, "/qt/label");
  assert.equal(steps.length, dumped.steps.length);
  assert.equal(images.length, dumped.steps.length);
  steps.forEach((step, i) => {
    checkStep(step, dumped.steps[i]);
    assert.equal(ns(images[i].header.stamp), ns(step.stamp));
    checkPicture(images[i], dumped.steps[i].image, pictures);
  });
  assert.equal(checks.length, dumped.evidence.length);
  checks.forEach((check, i) => {
    assert.equal(check.header.frame_id, dumped.evidence[i].name);
    checkPicture(check, dumped.evidence[i].image, pictures);
  });
  assert.deepEqual(labels.map((label) => [label.source, label.success, label.reward.length]),
    dumped.labels.map((label) => [label.source, label.success, label.reward.length]));
  const [outcome] = bodiesOf(episode, "/qt/outcome");
  assert.equal(outcome.content_hash.toString(16).padStart(16, "0"), dumped.content_hash);
  checkCamera(episode, dumped);
}

async function main() {
  const [file, dump, pictures] = process.argv.slice(2);
  const dumped = fs.readFileSync(dump, "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line));
  const decompressHandlers = await loadDecompressHandlers();
  let episodes = [];
  for (const bytes of splitFiles(fs.readFileSync(file))) {
    const streamed = readStreamed(bytes, decompressHandlers);
    const indexed = await readIndexed(bytes, decompressHandlers);
    assert.deepEqual(indexed, streamed);
    checkLogTimes(streamed);
    episodes = episodes.concat(episodesOf(streamed));
  }
  assert.equal(episodes.length, dumped.length);
  episodes.forEach((episode, i) => checkEpisode(episode, dumped[i], pictures));
  console.log(`${path.basename(file)}: ${episodes.length} episodes, as @mcap/core reads them`);
}

main();
