#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Full disks, file size limits, read-only folders, short writes, interrupted calls, closed pipes, bad inputs.

usage: disk_faults.py BIN FAULTY_LIB EPISODES.mcap

Of every tool that writes: the failure is said, the exit status is right, and what was complete is there. Most faults
are made by FAULTY_LIB (faulty_io.cc), which fails at the byte it is told to; a small tmpfs and a read-only one are
used as well where they can be mounted.
"""

import os
import pathlib
import resource
import subprocess
import sys
import tempfile

from episode_files import chunk_ends, dump, num_episodes, temporaries

failures = []


def fail(what):
    print("FAILED:", what)
    failures.append(what)


def expect(condition, what, done=None):
    if not condition:
        fail(what if done is None else f"{what}: exit {done.returncode}, stderr: {done.stderr.decode()!r}")


class Bench:
    """The tools, an input of some episodes, and what each command makes of it when nothing goes wrong."""

    def __init__(self, binaries, library, episodes, work):
        self.bin, self.library, self.work = pathlib.Path(binaries), library, pathlib.Path(work)
        self.qt_data = str(self.bin / "qt-data")
        self.input = self.work / "input.mcap"
        self.run(["qt-label", episodes, episodes, episodes, "-o", self.input])
        self.commands = {
            "label": ["qt-label", "-q", "--relabel", self.input],
            "collect": ["qt-collect", "-q", "-n", "3", "--seed", "1", "--image-size", "32", "--num-envs", "1"],
        }
        if self.has_command("cat"):
            self.commands["cat"] = ["qt-data", "cat", "-q", self.input]
        self.clean = {}
        for name, command in self.commands.items():
            path = self.work / f"{name}.mcap"
            done = self.run([*command, "-o", path])
            expect(done.returncode == 0, f"{name}: a run without faults", done)
            self.clean[name] = path

    def has_command(self, name):
        return f"\n  {name}" in self.run(["qt-data", "--help"]).stdout.decode()

    def run(self, command, faults=None, stdout=subprocess.PIPE, tmpdir=None, **options):
        environment = dict(os.environ, ASAN_OPTIONS="verify_asan_link_order=0:detect_leaks=0")
        if tmpdir:
            environment["TMPDIR"] = str(tmpdir)
        if faults:
            environment.update({f"FAULTY_{key}": str(value) for key, value in faults.items()}, LD_PRELOAD=self.library)
        command = [str(self.bin / command[0]), *map(str, command[1:])]
        options.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.run(command, env=environment, stdout=stdout, stderr=subprocess.PIPE, check=False,
                              timeout=100, **options)

    def folder(self, name):
        path = self.work / name
        path.mkdir(parents=True)
        return path


def same_episodes(bench, what, got, clean, count, exits=(0, 3)):
    """`got` holds exactly the first `count` episodes of `clean`."""
    lines = dump(bench.qt_data, [got], exits) if count else []
    expect(lines == dump(bench.qt_data, [clean])[:count], f"{what}: {len(lines)} episodes instead of the first {count}")


def slow_calls(bench, name):
    """Short reads and writes, and calls that a signal interrupts, change nothing."""
    for faults in ({"SHORT": 777, "EINTR": 3}, {"SHORT": 4099}, {"EINTR": 2}):
        folder = bench.folder(f"slow-{name}-{len(list(bench.work.iterdir()))}")
        done = bench.run([*bench.commands[name], "-o", folder / "out.mcap"], faults)
        expect(done.returncode == 0 and not done.stderr, f"{name} with {faults}", done)
        expect((folder / "out.mcap").read_bytes() == bench.clean[name].read_bytes(), f"{name} with {faults}: other bytes")
        done = bench.run(bench.commands[name], faults)
        expect(done.returncode == 0 and done.stdout == bench.clean[name].read_bytes(), f"{name} with {faults} to a pipe",
               done)


def check_kept(bench, what, done, folder, clean, full_at):
    """After a disk that was full at byte `full_at`: said, status 1, and the temporary holds what was complete."""
    expect(done.returncode == 1, f"{what}: exit status", done)
    expect(b"No space left on device" in done.stderr, f"{what}: the reason is not said", done)
    count = len([end for end in chunk_ends(clean.read_bytes()) if end <= full_at])
    kept = temporaries(folder)
    expect([p for p in folder.iterdir() if not p.name.startswith(".")] == [], f"{what}: a file has appeared")
    if count == 0:
        return
    if len(kept) != 1:
        return fail(f"{what}: {len(kept)} temporaries, {count} episodes were complete")
    expect(kept[0].name.encode() in done.stderr, f"{what}: {kept[0].name} is not named", done)
    expect(kept[0].stat().st_size == full_at, f"{what}: {kept[0].stat().st_size} bytes instead of {full_at}")
    same_episodes(bench, what, kept[0], clean, count)


def full_disk(bench, name):
    """The disk is full at every kind of byte: in the head, within and between episodes, in the summary."""
    clean = bench.clean[name]
    size, ends = clean.stat().st_size, chunk_ends(clean.read_bytes())
    places = [0, 5, ends[0] // 2, ends[0] - 1, ends[0], ends[0] + 1, ends[1] + 20, ends[-1] - 1, ends[-1], size - 30, size - 1]
    for place in places if name != "collect" else places[3::3]:
        file_folder, spool = bench.folder(f"full-{name}-{place}"), bench.folder(f"full-{name}-{place}-spool")
        done = bench.run([*bench.commands[name], "-o", file_folder / "out.mcap"], {"FULL": place})
        check_kept(bench, f"{name} to a file, full at {place}", done, file_folder, clean, place)
        if name == "collect":
            continue
        done = bench.run([*bench.commands[name], "-o", f"{spool}/"], {"FULL": place})
        check_kept(bench, f"{name} to a spool, full at {place}", done, spool, clean, place)
        with open(file_folder / "stdout", "wb") as stdout:
            done = bench.run(bench.commands[name], {"FULL": place}, stdout=stdout)
        expect(done.returncode == 1 and b"No space left" in done.stderr, f"{name} to stdout, full at {place}", done)
        expect((file_folder / "stdout").read_bytes() == clean.read_bytes()[:place], f"{name} to stdout: other bytes")


def last_steps(bench, name):
    """fsync or the renaming fails when all is written: nothing is lost, all is said."""
    for fault in ("FSYNC", "RENAME"):
        folder = bench.folder(f"{fault}-{name}")
        done = bench.run([*bench.commands[name], "-o", folder / "out.mcap"], {fault: 1})
        expect(done.returncode == 1 and b"Input/output error" in done.stderr, f"{name}, {fault} fails", done)
        kept = temporaries(folder)
        expect(len(kept) == 1 and kept[0].read_bytes() == bench.clean[name].read_bytes(), f"{name}, {fault}: not kept")
        expect(len(kept) == 1 and kept[0].name.encode() in done.stderr, f"{name}, {fault}: not named", done)


def plain_file_system(bench, name):
    """exFAT and the like: a file is named all the same, and still never replaces another one."""
    path = bench.folder(f"plain-{name}") / "out.mcap"
    done = bench.run([*bench.commands[name], "-o", path], {"PLAIN": 1})
    expect(done.returncode == 0 and not done.stderr, f"{name} with plain rename", done)
    expect(path.read_bytes() == bench.clean[name].read_bytes(), f"{name} with plain rename: other bytes")
    expect([p.name for p in path.parent.iterdir()] == ["out.mcap"], f"{name} with plain rename: something is left")
    done = bench.run([*bench.commands[name], "-o", path], {"PLAIN": 1})
    expect(done.returncode == 1 and b"exists already" in done.stderr, f"{name} with plain rename, again", done)


def full_device(bench, name):
    for output in (["-o", "/dev/full"], None):
        with open("/dev/full", "wb") as full:
            done = bench.run([*bench.commands[name], *(output or [])], stdout=full)
        expect(done.returncode == 1 and b"No space left" in done.stderr, f"{name} to /dev/full", done)


def size_limit(bench, name):
    """RLIMIT_FSIZE: an error like a full disk, not the signal SIGXFSZ."""
    folder, clean = bench.folder(f"limit-{name}"), bench.clean[name]
    limit = chunk_ends(clean.read_bytes())[1] + 100
    done = bench.run([*bench.commands[name], "-o", folder / "out.mcap"],
                     preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
    expect(done.returncode == 1 and b"File too large" in done.stderr, f"{name} with a size limit", done)
    kept = temporaries(folder)
    expect(len(kept) == 1, f"{name} with a size limit: the temporary is gone")
    if kept:
        same_episodes(bench, f"{name} with a size limit", kept[0], clean, 2)


def closed_pipe(bench, name):
    """The reader leaves after 1 byte, or after the first episode: quiet, status 0."""
    for bytes_read in (1, chunk_ends(bench.clean[name].read_bytes())[0]):
        command = [str(bench.bin / bench.commands[name][0]), *map(str, bench.commands[name][1:])]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as tool:
            got = tool.stdout.read(bytes_read)
            tool.stdout.close()
            said = tool.stderr.read()
            tool.wait(timeout=100)
        expect(tool.returncode == 0 and not said, f"{name} to a closed pipe: exit {tool.returncode}, {said!r}")
        expect(got == bench.clean[name].read_bytes()[:bytes_read], f"{name} to a closed pipe: other bytes")


def failing_input(bench, name):
    """Standard input breaks off with an error: what was complete before is written and finished."""
    if name == "collect":
        return
    command = [word for word in bench.commands[name] if word != bench.input]
    ends = chunk_ends(bench.input.read_bytes())
    folder = bench.folder(f"input-{name}")
    with open(bench.input, "rb") as stdin:
        done = bench.run([*command, "-o", folder / "out.mcap"], {"READ": ends[2] + 50}, stdin=stdin)
    expect(done.returncode == 1 and b"stdin" in done.stderr and b"Input/output error" in done.stderr,
           f"{name} with a failing input", done)
    same_episodes(bench, f"{name} with a failing input", folder / "out.mcap", bench.clean[name], 3, (0,))


def dump_faults(bench):
    """qt-data dump: the same faults, for lines of text."""
    command = ["qt-data", "dump", bench.input]
    clean = bench.run(command).stdout
    for faults in ({"SHORT": 777, "EINTR": 3}, {"EINTR": 2}):
        done = bench.run(command, faults)
        expect(done.returncode == 0 and done.stdout == clean, f"dump with {faults}", done)
    for place in (0, 10, len(clean) // 2, len(clean) - 1):
        done = bench.run(command, {"FULL": place})
        expect(done.returncode == 1 and b"No space left" in done.stderr, f"dump, full at {place}", done)
        expect(done.stdout == clean[:place], f"dump, full at {place}: other bytes")
    with open("/dev/full", "wb") as full:
        done = bench.run(command, stdout=full)
    expect(done.returncode == 1 and b"No space left" in done.stderr, "dump to /dev/full", done)


def temporary_folder(bench):
    """The folder for temporary files is full, slow or missing: said once, and the output is the same."""
    tmpdir = bench.folder("tmpdir")
    command = ["qt-data", "cat", "-q", *[bench.input] * (1200 // num_episodes(bench.input))]  # index: 200 KiB
    clean = bench.run(command).stdout
    for faults, place, warned in (({"SHORT": 777, "EINTR": 3}, tmpdir, False), ({"PFULL": 0}, tmpdir, True),
                                  ({"PFULL": 30000}, tmpdir, True), ({"PFULL": 70000}, tmpdir, True),
                                  (None, bench.work / "missing", True)):
        done = bench.run(command, faults, tmpdir=place)
        expect(done.returncode == 0 and done.stdout == clean, f"temporary folder with {faults}", done)
        said = done.stderr.decode().splitlines()
        expect(len(said) == warned and all(f"{place}: cannot keep the index" in line for line in said),
               f"temporary folder with {faults}: what is said", done)
    expect(not any(tmpdir.iterdir()), "temporary folder: a file is left")


IN_NAMESPACE = """
mount -t tmpfs -o "size=$2k" tmpfs "$1" || exit 99
if [ "$3" = ro ]; then mount -o remount,ro "$1" || exit 99; fi
after=$4
shift 4
status=0
"$@" || status=$?
eval "$after"
exit "$status"
"""


def mounted(bench, size_kib, mode, folder, command, after=""):
    """Runs `command`, then the shell text `after`, with a tmpfs on the folder, in a mount namespace of its own."""
    words = [bench.bin / command[0], *command[1:]]
    script = ["unshare", "-rm", "bash", "-c", IN_NAMESPACE, "bash", folder, size_kib, mode, after, *words]
    return subprocess.run(list(map(str, script)), capture_output=True, stdin=subprocess.DEVNULL, check=False, timeout=100)


def can_mount(bench):
    return mounted(bench, 64, "ro", bench.folder("try"), ["qt-data", "--version"]).returncode == 0


def small_disk(bench, name):
    """A real file system that is really full, and one that is read-only."""
    folder = bench.folder(f"tmpfs-{name}")
    size_kib = max(8, bench.clean[name].stat().st_size // 1024 * 2 // 3 // 4 * 4)
    kept = bench.work / f"tmpfs-{name}-kept"
    done = mounted(bench, size_kib, "rw", folder, [*bench.commands[name], "-o", folder / "out.mcap"],
                   f'ls -A "{folder}"; cat "{folder}"/.*.tmp > "{kept}"')
    expect(done.returncode == 1 and b"No space left on device" in done.stderr, f"{name} on a full tmpfs", done)
    expect(b"out.mcap\n" not in done.stdout.replace(b".out.mcap", b""), f"{name} on a full tmpfs: a file has appeared")
    same_episodes(bench, f"{name} on a full tmpfs", kept, bench.clean[name], num_episodes(kept))
    expect(num_episodes(kept) > 0, f"{name} on a full tmpfs: no episode was kept")

    done = mounted(bench, 64, "ro", folder, [*bench.commands[name], "-o", folder / "out.mcap"], f'ls -A "{folder}"')
    expect(done.returncode == 1 and b"Read-only file system" in done.stderr, f"{name} into a read-only folder", done)
    expect(b"out.mcap: " in done.stderr and not done.stdout, f"{name} into a read-only folder", done)


def main():
    binaries, library, episodes = sys.argv[1:]
    skipped = []
    with tempfile.TemporaryDirectory(prefix="qt-faults-") as work:
        bench = Bench(binaries, library, episodes, work)
        mounts = can_mount(bench)
        if not mounts:
            skipped.append("full and read-only file systems: a tmpfs cannot be mounted here")
        for name in bench.commands:
            for check in (slow_calls, full_disk, last_steps, plain_file_system, full_device, size_limit, closed_pipe, failing_input):
                check(bench, name)
            if mounts:
                small_disk(bench, name)
        dump_faults(bench)
        temporary_folder(bench)
        print("commands:", ", ".join(bench.commands), "and dump")
    for reason in skipped:
        print("SKIPPED:", reason)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
