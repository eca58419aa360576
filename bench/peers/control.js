// One control step in ONNX Runtime: the tower, then two rounds of 64 candidates; one thread, time of
// the processor and of the clock. Checks the logits against ours, and Q against what our server
// gave to the same candidates, if it was asked. usage: control.js ARCHITECTURE DIR ROUNDS
const fs = require('fs');
const ort = require('onnxruntime-node');

const [architecture, dir, rounds] = process.argv.slice(2);
const shapes = architecture === 'aligned'
  ? {image: [1, 3, 64, 64], grid: [1, 64, 18, 2], scalars: [1, 64, 21]}
  : {image: [1, 3, 472, 472], scalars: [64, 10]};

function read(name) {
  const bytes = fs.readFileSync(`${dir}/${architecture}-${name}.bin`);
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}

function cpuMs() {
  const {user, system} = process.cpuUsage();
  return (user + system) / 1e3;
}

function median(values) {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

async function main() {
  const options = {intraOpNumThreads: 1, interOpNumThreads: 1, executionProviders: ['cpu'], graphOptimizationLevel: 'all'};
  const tower = await ort.InferenceSession.create(`${dir}/${architecture}-tower.onnx`, options);
  const head = await ort.InferenceSession.create(`${dir}/${architecture}-head.onnx`, options);
  const input = {};
  for (const [name, shape] of Object.entries(shapes)) input[name] = new ort.Tensor('float32', read(name), shape);
  const {image, ...queries} = input;
  const expected = read('logits');
  const served = fs.existsSync(`${dir}/${architecture}-served_q.bin`) ? read('served_q') : [];
  const times = {tower: [], round: [], wall: []};
  let worst = 0, worstServed = 0;
  for (let i = -2; i < Number(rounds); ++i) {
    const start = cpuMs(), begin = performance.now();
    const {features} = await tower.run({image});
    const seen = cpuMs();
    for (let round = 0; round < 2; ++round) {
      const {logits} = await head.run({features, ...queries});
      logits.data.forEach((value, at) => { worst = Math.max(worst, Math.abs(value - expected[at])); });
      served.forEach((q, at) => { worstServed = Math.max(worstServed, Math.abs(q - 1 / (1 + Math.exp(-logits.data[at])))); });
    }
    if (i < 0) continue;  // warm-up
    times.wall.push(performance.now() - begin);
    times.tower.push(seen - start);
    times.round.push((cpuMs() - seen) / 2);
  }
  const [tower_ms, round_ms] = [median(times.tower), median(times.round)];
  console.log(JSON.stringify({architecture, tower_cpu_ms: tower_ms, round_cpu_ms: round_ms,
    step_cpu_ms: tower_ms + 2 * round_ms, step_ms: median(times.wall), largest_logit_difference: worst,
    largest_served_q_difference: worstServed}));
  process.exit(worst <= 1e-4 && worstServed <= 1e-4 ? 0 : 1);
}

main();
