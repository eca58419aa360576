# SPDX-License-Identifier: Apache-2.0
"""Everything that the tools print as JSON, once: commands that are run one after the other in an empty folder, each with the
schema of its lines (formats/SCHEMA.schema.json). A line that is an error summary has the schema report/error instead.

`collect(binaries, source, folder)` runs them and returns {name: (schema, [object, ...])}. Commands that a release does not know
are left out with `only`.
"""

import json
import os
import struct
import subprocess

TINY = ("--batch-size 4 --tower-channels 4 --train-buffer-size 16 --targets-per-step 4 --target-cem 8/2/1 --act-cem 8/2/1 "
        "--updaters 0 --threads 1")
OUTPUTS = [  # name, schema, command
    ("collect", "report/qt-collect", "qt-collect -n 4 --seed 5 --image-size 64 --min-objects 3 --max-objects 4 -o raw.mcap --json"),
    ("collect_again", "report/error", "qt-collect -n 1 --seed 5 -o raw.mcap --json"),
    ("label", "report/qt-label", "qt-label raw.mcap -o labelled.mcap --json"),
    ("label_nothing", "report/qt-label", "qt-label $SAMPLES/episode/samples/good/no_episodes.mcap -o none.mcap --json"),
    ("label_each", "report/qt-label", "mkdir each; qt-label --each raw.mcap -o each/ --json"),
    ("audit", "report/qt-label-audit", "qt-label --audit sim labelled.mcap --json"),
    ("audit_many", "report/qt-label-audit", "qt-collect -q -n 16 --seed 8 | qt-label -q | qt-label --audit sim --json | tee audit.json"),
    ("train", "report/qt-train", f"qt-train labelled.mcap --steps 4 {TINY} --seed 3 -o run --json"),
    ("train_on", "report/qt-train", "qt-train labelled.mcap -o run --resume --steps 6 --json"),
    ("train_init", "report/qt-train", f"qt-train labelled.mcap --init run/policy.safetensors --steps 1 {TINY} -o begun --json"),
    ("collect_learned", "report/qt-collect", "qt-collect -n 2 --policy run/policy.safetensors --seed 6 -o learned.mcap --json"),
    ("grasp", "report/qt-eval", "qt-eval run/policy.safetensors -n 3 --seed 1 --episodes grasp.jsonl --json"),
    ("grasp_episodes", "report/qt-eval-episodes", "cat grasp.jsonl"),
    ("against", "report/qt-eval", "qt-eval scripted -n 3 --seed 1 --against random --until 0.4 --episodes against.jsonl --json"),
    ("against_episodes", "report/qt-eval-episodes", "cat against.jsonl"),
    ("sprt", "report/qt-eval", "qt-eval scripted -n 3 --seed 1 --sprt 0.1/0.9 --json"),
    ("require", "report/qt-eval", "qt-eval scripted -n 2 --seed 1 --require 0.99 --json"),
    ("arm", "report/qt-eval", "qt-eval scripted -n 1 --seed 1 --arm iiwa --json"),
    ("disturb", "report/qt-eval", "qt-eval scripted --protocol disturb -n 1 --seed 1 --episodes disturb.jsonl --json"),
    ("disturb_episodes", "report/qt-eval-episodes", "cat disturb.jsonl"),
    ("bin", "report/qt-eval", "qt-eval scripted --protocol bin --bins 1 --attempts 3 --seed 1 --json"),
    ("ablate", "report/qt-eval", "qt-eval scripted --protocol ablate --vary 'disturb=none|knock' -n 2 --seed 1 --episodes vary.jsonl --json"),
    ("ablate_episodes", "report/qt-eval-episodes", "cat vary.jsonl"),
    ("eval_robot", "report/qt-eval-robot", "qt-eval scripted --against random --robot 'exec:qt-collect --serve-robot' -n 2 --seed 1 "
     "--objects-name tools --label-errors audit.json --episodes robot.jsonl --json"),
    ("eval_robot_episodes", "report/qt-eval-episodes", "cat robot.jsonl"),
    ("offline", "report/qt-eval-offline", "cp run/policy.safetensors copy.safetensors; qt-eval --protocol offline "
     "run/policy.safetensors copy.safetensors copy.safetensors --logged labelled.mcap --measured 0.5,0.6,0.4 --json"),
    ("info", "report/qt-data-info", "qt-data info labelled.mcap learned.mcap --json"),
    ("info_nothing", "report/qt-data-info", "qt-data info none.mcap --json"),
    ("stats", "report/qt-data-stats", "qt-data stats labelled.mcap learned.mcap --json"),
    ("stats_nothing", "report/qt-data-stats", "qt-data stats none.mcap --json"),
    ("view", "report/qt-data-view", "qt-data view labelled.mcap --episodes 0 -o sheet.png --json"),
    ("export", "report/qt-data-export", "qt-data export labelled.mcap -o exported --json"),
    ("cat", "report/qt-data-cat", "qt-data cat labelled.mcap learned.mcap -o both.mcap --json"),
    ("compact", "report/qt-data-compact", "mkdir spool; cp labelled.mcap learned.mcap spool; qt-data compact spool --json"),
    ("compact_nothing", "report/qt-data-compact", "mkdir empty; qt-data compact empty --json"),
    ("check", "report/qt-data-check", "qt-data check labelled.mcap --json"),
    ("check_damaged", "report/qt-data-check", "head -c -3000 raw.mcap > cut.mcap; qt-data check cut.mcap --json"),
    ("recover", "report/qt-data-recover", "qt-data recover cut.mcap -o saved.mcap --json"),
    ("import", "report/qt-data-import", "python3 $SUPPORT/make_rlds.py kuka; qt-data import --from rlds kuka -o kuka.mcap --json"),
    ("dump", "episode/dump", "qt-data dump labelled.mcap learned.mcap"),
    ("dump_images", "episode/dump", "qt-data dump --images pictures raw.mcap"),
    ("dump_imported", "episode/dump", "qt-data dump kuka.mcap"),
    ("serve_requests", "serve/request", "cat requests"),
    ("serve_answers", "serve/answer", "qt-serve run/policy.safetensors --stdio < requests"),
    ("robot_run", "report/qt-collect", "qt-collect -n 2 --seed 5 --robot 'exec:tee requests.robot | qt-collect --serve-robot | "
     "tee answers.robot' -o robot.mcap --json"),
    ("robot_requests", "robot/request", "cat requests.robot"),
    ("robot_answers", "robot/answer", "cat answers.robot"),
    ("wrong", "report/error", "qt-eval missing.safetensors --json"),
]


def requests_of(source):
    """A conversation with a policy server, every kind of request in it."""
    act = json.loads((source / "formats/serve/samples/act.json").read_text())
    first = {"type": "act", "id": 1, "session": 2, "seed": "1003", "step": 0, "deadline_ms": 60000, "fruitless": 0.5, **act}
    wrong = {**first, "id": 2, "image": {**act["image"], "data": "AAAA"}}
    judged = {**first, "id": 3, "action": [0, 0, -0.05, 0, 1, 0, 0, 0]}
    messages = [{"type": "hello", "protocol": 1, "client": "schemas"}, first, wrong, judged, {"type": "end", "session": 2}]
    return "".join(json.dumps(message) + "\n" for message in messages)


def objects_in(data):
    """The JSON objects of lines, or of frames (formats/serve/SPEC.md, section 1)."""
    if data.startswith(b"{\n"):
        return [json.loads(data)]
    if data[:1] in (b"{", b""):
        return [json.loads(line) for line in data.splitlines()]
    found = []
    while data:
        total, header = struct.unpack("<II", data[:8])
        found.append(json.loads(data[8:8 + header]))
        data = data[4 + total:]
    return found


def collect(binaries, source, folder, only=None):
    environment = {"PATH": f"{binaries}:{os.environ['PATH']}", "HOME": str(folder), "SAMPLES": str(source / "formats"),
                   "SUPPORT": str(source / "tests/cli/support")}
    (folder / "requests").write_text(requests_of(source))
    got = {}
    for name, schema, command in OUTPUTS:
        if only is not None and name not in only:
            continue
        done = subprocess.run(["bash", "-c", command], cwd=folder, env=environment, capture_output=True, check=False)
        if done.returncode not in (0, 1, 3):
            raise SystemExit(f"{name}: exit status {done.returncode}\n{command}\n{done.stderr.decode()}")
        objects = objects_in(done.stdout)
        if not objects:
            raise SystemExit(f"{name} printed nothing\n{command}\n{done.stderr.decode()}")
        got[name] = ("report/error" if done.returncode == 1 else schema, objects)
    return got
