#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What docs/SERVING.md tells an administrator to install: the files of examples/, as they stand there but for the paths
of programs and a free port.

    cron     serve.crontab, in cron's environment: the server starts, the check is silent, and speaks once it is gone
    systemd  the units: systemd finds no fault and little exposure; their commands, run in the folders that they name: a turn,
             a promotion, and a server that everybody may ask, or a group only
    nginx    qt-serve.conf, with a certificate made here: without the token nothing is answered
    install  `cmake --install`: what was installed runs and finds the policies by name; examples, pages, units are there

Ends with 77 (skipped) where the program or the rights for it are missing.

usage: services.py BIN MODEL {cron|systemd|nginx|install}
"""

import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests/pipeline"))
from in_turns import TINY  # noqa: E402

EXAMPLES = SOURCE / "examples"
SERVER_USER, GROUP, USER, OTHER_GROUP = 61234, 61235, 61236, 61237
SKIP = 77
MOST_EXPOSURE = 30  # of a hundred, by `systemd-analyze security`


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIP)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(what, seconds=60):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not come in time"
        time.sleep(0.05)


def cron(binaries, model, scratch):
    text = (EXAMPLES / "cron/serve.crontab").read_text().replace("localhost:8000", f"localhost:{port}") \
        .replace("--http 8000", f"--http {port}").replace("/usr/local/bin", str(binaries))
    (path,) = re.findall(r"^PATH=(.*)$", text, re.M)
    (start,) = re.findall(r"^@reboot\s+(.*)$", text, re.M)
    (check,) = re.findall(r"^(?:\*/?\d*\s+){5}(.*)$", text, re.M)
    (scratch / "run").mkdir()
    shutil.copy(model, scratch / "run/policy.safetensors")
    environment = {"PATH": path, "HOME": str(scratch), "SHELL": "/bin/sh"}

    def job(command):
        done = subprocess.run(["/bin/sh", "-c", command], env=environment, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    server = subprocess.Popen(["/bin/sh", "-c", f"exec {start}"], env=environment)
    try:
        wait_for(lambda: (scratch / "policy.sock").exists())
        wait_for(lambda: job(check) == (0, ""))
        assert job(start)[0] == 75, "a second server on the same socket"
    finally:
        server.terminate()
        assert server.wait(20) == 0
    assert "not ready" in job(check)[1]


def unit_settings(unit, name):
    return re.findall(rf"^{name}=(.*)$", unit, re.M)


def can_connect(path, user, group):
    """Whether a process of that user and group may ask at the socket."""
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(group)
        os.setuid(user)
        try:
            socket.socket(socket.AF_UNIX).connect(str(path))
        except PermissionError:
            os._exit(1)
        except OSError:
            os._exit(2)
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (0, 1), "neither connected nor refused"
    return status == 0


def analyze(*words):
    done = subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and not done.stderr.strip(), f"{' '.join(map(str, words))}: {done.stdout}{done.stderr}"


def serve_as_unit(unit, program, folders, flags):
    """The server of qt-serve@NAME.service as it is started, but for the user: one that has nothing else."""
    (command,) = unit_settings(unit, "ExecStart")
    (policy,) = re.findall(r"^Environment=POLICY=(\S+)", unit, re.M)
    words = command.replace("${POLICY}", policy).replace("$FLAGS", flags).split()
    words = [program, *(re.sub("^/run/qt-tools/%i", str(folders["run"]), word) for word in words[1:])]
    (mode,), (umask,) = unit_settings(unit, "RuntimeDirectoryMode"), unit_settings(unit, "UMask")
    folders["run"].mkdir(exist_ok=True)
    os.chown(folders["run"], SERVER_USER, GROUP)
    folders["run"].chmod(int(mode, 8))
    return subprocess.Popen(words, cwd=folders["state"], user=SERVER_USER, group=GROUP, extra_groups=[],
                            umask=int(umask, 8))


def systemd(binaries, model, scratch):
    units = {}
    for path in sorted((EXAMPLES / "systemd").iterdir()):
        units[path.name] = path.read_text().replace("@CMAKE_INSTALL_FULL_LIBEXECDIR@/qt-tools", str(EXAMPLES / "cron"))
        mine = units[path.name].replace("ExecStart=qt-serve", f"ExecStart={binaries}/qt-serve")
        (scratch / path.name).write_text(mine)
    if shutil.which("systemd-analyze"):
        for name in units:
            analyze("verify", "--man=no", scratch / name)
            if name.endswith(".service"):
                analyze("security", "--offline=true", "--no-pager", f"--threshold={MOST_EXPOSURE}", scratch / name)
    scratch.chmod(0o711)
    folders = {"state": scratch / "state", "run": scratch / "run"}
    folders["state"].mkdir()
    environment = {"PATH": f"{binaries}:/usr/bin:/bin", "GRASPS": "3", "STEPS": "20", "ATTEMPTS": "2", "TRAIN_FLAGS": TINY}
    loop = units["qt-loop@.service"]
    (fine,) = unit_settings(loop, "SuccessExitStatus")
    for command, wanted in zip(unit_settings(loop, "ExecStart"), ({0}, {int(word) for word in fine.split()}), strict=True):
        words = command.replace("/var/lib/qt-tools/%i", str(folders["state"])).split()
        status = subprocess.run(words, env=environment, check=False).returncode
        assert status in wanted, f"{command}: exit status {status}"
    assert (folders["state"] / "run/policy.safetensors").is_file()
    if os.geteuid() != 0:
        skip("the server's user can be tried as root only")
    shutil.copy(model, folders["state"] / "served.safetensors")
    program = scratch / "qt-serve"
    shutil.copy(binaries / "qt-serve", program)
    for path in (folders["state"], *folders["state"].iterdir()):
        os.chown(path, SERVER_USER, GROUP)
    (by_default,) = re.findall(r'^Environment=.*"FLAGS=(.*)"$', units["qt-serve@.service"], re.M)
    for flags, others in ((by_default, True), ("--socket-mode 0660", False)):
        server = serve_as_unit(units["qt-serve@.service"], program, folders, flags)
        try:
            wait_for((folders["run"] / "policy.sock").exists)
            assert can_connect(folders["run"] / "policy.sock", USER, GROUP), "one of the group may not ask"
            assert can_connect(folders["run"] / "policy.sock", USER, OTHER_GROUP) == others, flags
        finally:
            server.terminate()
            assert server.wait(20) == 0


def nginx(binaries, model, scratch):
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if not program or not shutil.which("openssl"):
        skip("nginx or openssl is not installed")
    key, certificate, token = scratch / "key.pem", scratch / "cert.pem", scratch / "token"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=robot-host",
                    "-keyout", key, "-out", certificate], check=True, capture_output=True)
    token.write_text("a-token-of-more-than-sixteen-bytes\n")
    token.chmod(0o600)
    outside = free_port()
    site = (EXAMPLES / "nginx/qt-serve.conf").read_text().replace("listen 443 ssl", f"listen 127.0.0.1:{outside} ssl") \
        .replace("/etc/ssl/policy.pem", str(certificate)).replace("/etc/ssl/policy.key", str(key)) \
        .replace("127.0.0.1:8000", f"127.0.0.1:{port}")
    folders = "".join(f"  {name}_temp_path {scratch}/{name};\n"
                      for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    user = "user root;\n" if os.geteuid() == 0 else ""
    (scratch / "nginx.conf").write_text(f"{user}daemon off;\npid {scratch}/nginx.pid;\nerror_log stderr;\nevents {{}}\n"
                                        f"http {{\n  access_log off;\n{folders}{site}}}\n")
    server = subprocess.Popen([binaries / "qt-serve", model, "--listen", f"127.0.0.1:{port}", "--token-file", token, "-q"])
    proxy = subprocess.Popen([program, "-p", scratch, "-c", scratch / "nginx.conf"])

    def ask(path, *flags):
        command = ["curl", "-sk", "-o", os.devnull, "-w", "%{http_code}", f"https://127.0.0.1:{outside}{path}", *flags]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout

    try:
        authorised = ("-H", f"Authorization: Bearer {token.read_text().strip()}")
        request = ("-d", f"@{SOURCE}/formats/serve/samples/act.json")
        wait_for(lambda: subprocess.run(["curl", "-sf", f"http://127.0.0.1:{port}/v2/health/ready"], check=False,
                                        capture_output=True).returncode == 0)
        wait_for(lambda: ask("/act", *authorised, *request) == "200")
        assert ask("/act", *request) == "401", "without a token"
        assert ask("/act", "-H", "Authorization: Bearer something-else-altogether", *request) == "401", "another token"
        assert ask("/metrics", *authorised) == "403", "/metrics goes out"
        assert proxy.poll() is None
    finally:
        proxy.terminate()
        server.terminate()
        assert server.wait(20) == 0
        proxy.wait(20)


def install(binaries, _, scratch):
    subprocess.run(["cmake", "--install", binaries.parent, "--prefix", scratch], check=True, capture_output=True)
    for name in ("share/man/man1/qt-eval.1", "share/man/man1/qt-data-view.1", "share/doc/qt-tools/examples/cron/turn.sh",
                 "share/doc/qt-tools/LICENSE", "share/doc/qt-tools/docs/TUTORIAL.md",
                 "share/bash-completion/completions/qt-collect", "lib/systemd/system/qt-loop@.timer"):
        assert (scratch / name).is_file(), f"{name} is not installed"
    assert os.access(scratch / "libexec/qt-tools/turn.sh", os.X_OK)
    done = subprocess.run([scratch / "bin/qt-collect", "-n", "1", "--policy", "aligned-64", "-o", scratch / "one.mcap", "-q"],
                          env={}, capture_output=True, text=True, check=False)  # finds qt-serve beside it, and the policy
    assert done.returncode == 0, done.stderr


if __name__ == "__main__":
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="qt-services-") as made:
        {"cron": cron, "systemd": systemd, "nginx": nginx, "install": install}[sys.argv[3]](
            pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve(), pathlib.Path(made))
