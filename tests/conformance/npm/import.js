// import.js QT_DATA SAMPLE_JPEG DIR: writes a shard of episodes laid out as the published QT-Opt data with
// @roboflow/tfrecords (its own checksums and protocol buffers), imports it with `qt-data import`, and compares every
// number and picture with what was written.
"use strict";

const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const zlib = require("node:zlib");
const { execFileSync } = require("node:child_process");
const { TFRecordsBuilder, FeatureType } = require("@roboflow/tfrecords");

const LENGTHS = [1, 2, 7, 20, 130];
const O = "steps/observation/";
const A = "steps/action/";

// Numbers that a float holds exactly, so that they can be compared exactly.
let state = 1;
function number() {
  state = (state * 48271) % 2147483647;
  return ((state % 2049) - 1024) / 1024;
}
const numbers = (count) => Array.from({ length: count }, number);
const each = (count, value) => Array.from({ length: count }, (_, i) => value(i));
const raw = (values) => Buffer.from(Float32Array.from(values).buffer);

// A JPEG with a comment, so that every picture is another.
function picture(sample, text) {
  const comment = Buffer.from(text);
  const head = Buffer.from([0xff, 0xfe, 0, comment.length + 2]);
  return Buffer.concat([sample.subarray(0, 2), head, comment, sample.subarray(2)]);
}

function makeEpisode(sample, index, steps) {
  return {
    steps,
    success: index % 2,
    images: each(steps, (i) => picture(sample, `episode ${index} step ${i}`)),
    closed: each(steps, () => (number() > 0 ? 1 : 0)),
    height: numbers(steps),
    pose: numbers(7 * steps),
    move: numbers(3 * steps),
    closedness: numbers(steps),
    reward: numbers(steps),
  };
}

function encode(e) {
  const builder = new TFRecordsBuilder();
  const floats = (name, values) => builder.addArrayFeature(name, FeatureType.Float, values);
  const ints = (name, values) => builder.addArrayFeature(name, FeatureType.Int64, values);
  const strings = (name, values) => builder.addArrayFeature(name, FeatureType.Binary, values);
  strings(`${O}image`, e.images);
  strings(`${O}gripper_closed`, e.closed.map((value) => zlib.deflateSync(raw([value]))));
  strings(
    `${O}clip_function_input/base_pose_tool_reached`,
    each(e.steps, (i) => zlib.deflateSync(raw(e.pose.slice(7 * i, 7 * i + 7)), { level: (i % 9) + 1 }))
  );
  floats(`${O}height_to_bottom`, e.height);
  floats(`${A}world_vector`, e.move);
  floats(`${A}rotation_delta`, each(3 * e.steps, () => 0));
  floats(`${A}gripper_closedness_action`, e.closedness);
  ints(`${A}terminate_episode`, each(3 * e.steps, (i) => (i % 3 === 1 ? 1 : 0)));
  ints("steps/is_first", each(e.steps, (i) => (i === 0 ? 1 : 0)));
  ints("steps/is_last", each(e.steps, (i) => (i === e.steps - 1 ? 1 : 0)));
  ints("steps/is_terminal", each(e.steps, (i) => (i === e.steps - 1 ? 1 : 0)));
  floats("steps/reward", e.reward);
  ints("success", [e.success]);
  return builder.build();
}

// The dump prints the shortest decimal that gives the same float again.
const same = (got, want) => assert.deepEqual(got.map(Math.fround), want);

function checkStep(e, i, step, pictures) {
  assert.deepEqual(fs.readFileSync(path.join(pictures, step.image.file)), e.images[i]);
  same([step.gripper.opening, step.gripper.height_m], [1 - e.closed[i], e.height[i]]);
  same([step.gripper.x_m, step.gripper.y_m], e.pose.slice(7 * i, 7 * i + 2));
  same([step.action.dx_m, step.action.dy_m, step.action.dz_m], e.move.slice(3 * i, 3 * i + 3));
  assert.equal(step.action.close, e.closedness[i] > 0.1 ? 1 : 0);
  assert.equal(step.action.open, e.closedness[i] < -0.1 ? 1 : 0);
  assert.equal(step.action.terminate, 0);
}

function main(qtData, sampleFile, dir) {
  fs.rmSync(dir, { recursive: true, force: true });
  fs.mkdirSync(dir, { recursive: true });
  const sample = fs.readFileSync(sampleFile);
  const episodes = LENGTHS.map((steps, index) => makeEpisode(sample, index, steps));
  const shard = path.join(dir, "kuka-train.tfrecord-00000-of-00001");
  fs.writeFileSync(shard, TFRecordsBuilder.buildTFRecords(episodes.map(encode)));

  const file = path.join(dir, "imported.mcap");
  const pictures = path.join(dir, "pictures");
  execFileSync(qtData, ["import", "--from", "rlds", "-q", shard, "-o", file]);
  const dump = execFileSync(qtData, ["dump", "--images", pictures, file], { maxBuffer: 1 << 26 });
  const imported = dump.toString().trim().split("\n").map((line) => JSON.parse(line));
  assert.equal(imported.length, episodes.length);
  imported.forEach((got, index) => {
    const e = episodes[index];
    assert.equal(got.id, `kuka/unknown/train/00000/${index}`);
    assert.equal(got.steps.length, e.steps);
    got.steps.forEach((step, i) => checkStep(e, i, step, pictures));
    assert.equal(got.labels[0].success, e.success === 1);
    same(got.labels[0].reward, e.reward);
  });
  console.log(`${imported.length} episodes written by another program are imported exactly`);
}

main(...process.argv.slice(2));
