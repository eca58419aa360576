// node view.js FILE.mcap SCREENSHOT.png: opens the file in Rerun's web viewer in a headless browser and checks that it
// shows it: no error from its importer, a timeline, a picture that is not blank, and /qt/step among what was recorded.
// Used by run.
import { createServer } from "node:http";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, extname, join } from "node:path";
import puppeteer from "puppeteer-core";

const [file, screenshot] = process.argv.slice(2);
const kPatience_ms = 120_000;
const kWidth_px = 1280, kHeight_px = 880;
const kMinColours = 1000; // the viewer's own shapes and letters have some hundreds
const kTypes = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };
const kBrowserFlags = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--use-gl=angle", "--use-angle=swiftshader",
  "--enable-unsafe-swiftshader",
];
const root = import.meta.dirname;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function until(what, condition) {
  const end = Date.now() + kPatience_ms;
  while (Date.now() < end) {
    const value = await condition();
    if (value) return value;
    await sleep(1000);
  }
  throw new Error(`waited in vain for ${what}`);
}

// The page, the viewer's package and the file, for this browser alone.
function serve() {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://localhost").pathname);
    let found = { "/index.html": join(root, "index.html"), ["/" + basename(file)]: file }[path];
    if (path.startsWith("/web-viewer/")) {
      found = join(root, "node_modules/@rerun-io/web-viewer", basename(path));
      if (extname(found) === "") found += ".js"; // `import "./re_viewer"`
    }
    try {
      const contents = readFileSync(found);
      const type = kTypes[extname(found)] ?? "application/octet-stream";
      response.writeHead(200, { "content-type": type, "content-length": contents.length });
      response.end(contents);
    } catch {
      response.writeHead(404).end();
    }
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

// How many different colours there are where the viewer draws pictures.
async function countColours(page) {
  const clip = { x: 200, y: 60, width: 780, height: kHeight_px - 270 };
  const png = await page.screenshot({ encoding: "base64", clip });
  return page.evaluate(async (base64) => {
    const bitmap = await createImageBitmap(await (await fetch("data:image/png;base64," + base64)).blob());
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
    const colours = new Set();
    for (let i = 0; i < data.length; i += 4) colours.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
    return colours.size;
  }, png);
}

// A moment within the first episode, so that there is a picture.
function stopAtFirstEpisode(page) {
  return page.evaluate(() => {
    const recording = window.viewer.get_active_recording_id();
    window.viewer.set_playing(recording, false);
    const timeline = window.viewer.get_active_timeline(recording);
    const { min, max } = window.viewer.get_time_range(recording, timeline);
    window.viewer.set_current_time(recording, timeline, min + 0.3 * (max - min));
  });
}

// The entities that were selected by the clicks so far, one list a click.
async function selections(page, patience_ms) {
  await sleep(patience_ms);
  const found = await page.evaluate(() => window.events.filter((event) => event.type === "selection_change"));
  return found.map((event) => event.items.map((item) => item.entity_path));
}

// Opens the tree of streams and clicks from row to row until /qt/step was selected, then on its message, so that the
// panel on the right shows the fields. The viewer answers late: the row may be some above the one clicked last.
async function selectSteps(page) {
  const kTop_px = kHeight_px - 153, kRow_px = 24;
  const isStep = (paths) => paths.includes("/qt/step");
  for (let turn = 0; turn < 8; ++turn) {
    const isOpen = (await selections(page, 2000)).flat().some((path) => path !== "/");
    if (isOpen) {
      await page.mouse.wheel({ deltaY: 80 });
    } else {
      await page.mouse.click(24, kTop_px); // the arrow of the root
    }
    await sleep(3000);
    for (let y = kTop_px + kRow_px; y < kHeight_px; y += kRow_px) {
      await page.mouse.click(100, y);
      if (!(await selections(page, 1500)).some(isStep)) continue;
      for (let row = 0; row < 4; ++row) {
        await page.mouse.click(100, y - row * kRow_px);
        if (isStep((await selections(page, 6000)).at(-1))) break;
      }
      await page.mouse.click(1030, 185); // "message"
      return;
    }
  }
  throw new Error("there is no /qt/step among the streams");
}

async function check(browser, port) {
  const page = await browser.newPage();
  const lines = [], problems = [];
  page.on("console", (message) => lines.push(message.text()));
  page.on("pageerror", (error) => problems.push(String(error)));
  await page.setViewport({ width: kWidth_px, height: kHeight_px });
  try {
    await page.goto(`http://127.0.0.1:${port}/index.html?file=${encodeURIComponent(basename(file))}`);
    await until("a timeline", () => page.evaluate(
      () => window.viewer && window.events.some((event) => event.type === "timeline_change")));
    await stopAtFirstEpisode(page);
    const colours = await until("a picture", async () => {
      const count = await countColours(page);
      return count >= kMinColours ? count : 0;
    });
    await selectSteps(page);
    await sleep(5000);
    console.log(`rerun: a timeline, a picture (${colours} colours) and /qt/step`);
  } catch (error) {
    problems.push(error.message);
  }
  await page.screenshot({ path: screenshot });
  problems.push(...lines.filter((line) => /^ERROR |re_importer.*(error|fail)|panicked/i.test(line)));
  return { lines, problems };
}

async function main() {
  const server = await serve();
  const profile = mkdtempSync(join(tmpdir(), "qt-rerun-"));
  const browser = await puppeteer.launch({
    executablePath: process.env.BROWSER_PATH, userDataDir: profile, headless: "shell", args: kBrowserFlags,
  });
  let result;
  try {
    result = await check(browser, server.address().port);
  } finally {
    await browser.close();
    server.close();
    rmSync(profile, { recursive: true, force: true });
  }
  if (result.problems.length === 0) return;
  const talk = result.lines.filter((line) => !line.startsWith("DEBUG")).map((line) => line.slice(0, 300));
  console.error([...result.problems, "what the viewer said:", ...talk].join("\n"));
  process.exit(1);
}

await main();
