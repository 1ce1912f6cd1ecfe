#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What bash, zsh and fish make of names that mean something to a shell: a line is typed into the real shell,
completed with TAB and sent off, and what the program was called with is looked at. The names come from a daemon
that is none, for a real one has no such names."""
import http.server
import json
import os
import pty
import select
import shutil
import signal
import socketserver
import sys
import tempfile
import threading
import time
import urllib.parse

TAB, ENTER = "\t", "\r"
PATIENCE_S = 60

NAMES = [
    "aa blank  two",
    "bb'single'",
    'cc"double"',
    "dd$(touch executed)",
    "ee`touch executed`",
    "ff;touch executed",
    "gg*",
    "hh\\back\\",
    "ii:colon:more",
    "jjé-ü-日本",
    "ll$HOME${HOME}",
    "mm!!bang!x",
    "nn&touch executed",
    "oo|touch executed",
    "pp(touch executed)",
    "qq<in>executed",
    "rr{a,b}",
    "~ss",
    "#tt",
    "uu=x=y",
    "vv[ab]?",
    "ww^x^y",
    "xx@y",
    "=yy",
    "zz%1%%",
]
ALIKE = ["ab $one a", "ab $one b"]
DASHED = "-rf dashed"
HIDDEN = ["new\nline", "-o", "tab\tbed", "esc\x1b[31m"]


class Daemon(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        path = urllib.parse.urlsplit(self.path).path
        key = "tag" if path.endswith("/tags") else "id" if path.endswith("/media") else "name"
        items = [{key: name} for name in NAMES + ALIKE + HIDDEN + [DASHED]]
        if path.endswith("/drives"):
            items.append({"name": "drive 0", "state": "`touch executed`: $(touch executed)"})
        text = json.dumps({"items": items}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


class Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def get_request(self):
        return self.socket.accept()[0], ("", 0)


class Shell:
    """One on a terminal of its own, in a directory of its own."""

    def __init__(self, name, program, socket, home):
        self.name, self.home = name, home
        self.got = os.path.join(home, "got")
        bin_ = os.path.join(home, "bin")
        os.makedirs(bin_)
        for file in ("gg1", "gg2", "vva1", "in", "only here.iso", "file $(touch executed)`touch executed`"):
            open(os.path.join(home, file), "w").close()
        self.write("bin/carousel", f"""#!/bin/sh
if [ "$1" = completion ]; then
    exec {program} --timeout {PATIENCE_S} "$@"
fi
printf '%s\\0' "$@" >{self.got}.part
mv {self.got}.part {self.got}
""")
        os.chmod(os.path.join(bin_, "carousel"), 0o755)
        environment = {
            "HOME": home, "ZDOTDIR": home, "XDG_CONFIG_HOME": home + "/config", "XDG_DATA_HOME": home + "/data",
            "PATH": bin_ + ":" + os.environ["PATH"], "CAROUSEL_URL": "unix:" + socket, "TERM": "dumb",
            "LC_ALL": "C.UTF-8", "INPUTRC": "/dev/null",
        }
        if name == "zsh":
            # It continues a child whose stop it hears of, and so takes back the SIGSTOP with which
            # LeakSanitizer halts what it examines; that waits for ever then.
            environment["ASAN_OPTIONS"] = "detect_leaks=0"
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(home)
            os.execvpe(self.command()[0], self.command(), environment)
        self.text = ""
        self.await_prompt()

    def write(self, name, text):
        with open(os.path.join(self.home, name), "w") as file:
            file.write(text)
        return os.path.join(self.home, name)

    def command(self):
        if self.name == "bash":
            rc = self.write("rc", "PS1='READY>'\nHISTFILE=\nset -H\nbind 'set enable-bracketed-paste off'\n"
                            "bind 'set bell-style none'\nsource <(carousel completion bash)\n")
            return ["bash", "--noprofile", "--rcfile", rc, "-i"]
        if self.name == "zsh":
            self.write(".zshrc", "PS1='READY>'\nunset zle_bracketed_paste\nautoload -U compinit\ncompinit -u\n"
                       "setopt extendedglob nobeep\nsource <(carousel completion zsh)\n")
            return ["zsh", "-d", "-i"]
        rc = "function fish_prompt; echo -n 'READY>'; end; carousel completion fish | source; set fish_greeting"
        return ["fish", "--no-config", "-i", "-C", rc]

    def read_some(self, seconds):
        if not select.select([self.terminal], [], [], seconds)[0]:
            return False
        try:
            self.text += os.read(self.terminal, 65536).decode(errors="replace")
        except OSError:
            raise SystemExit(f"{self.name} has ended:\n{self.text}")
        return True

    def await_prompt(self):
        end = time.monotonic() + PATIENCE_S
        while "READY>" not in self.text:
            if time.monotonic() > end:
                raise SystemExit(f"{self.name} does not prompt:\n{self.text!r}")
            self.read_some(0.2)

    def run(self, line):
        """The arguments that the program got."""
        self.text = ""
        os.write(self.terminal, line.encode())
        end = time.monotonic() + PATIENCE_S
        while not os.path.exists(self.got):
            if time.monotonic() > end:
                raise SystemExit(f"{self.name}: {line!r} is not over:\n{self.text!r}")
            self.read_some(0.05)
        with open(self.got, "rb") as file:
            got = file.read().decode().split("\0")[:-1]
        os.unlink(self.got)
        self.await_prompt()
        return got

    def end(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.terminal)


def lines(shell):
    """What is typed, and what has to arrive."""
    for name in NAMES:
        start = name[:2]
        plain = {"~s": "\\~s", "#t": "\\#t", "=y": "\\=y"}.get(start, start)
        yield f"carousel media show {plain}{TAB}{ENTER}", ["media", "show", name]
        yield f"carousel media show '{start}{TAB}{ENTER}", ["media", "show", name]
        yield f'carousel media show "{start}{TAB}{ENTER}', ["media", "show", name]
        yield f"carousel history --medium={start}{TAB}{ENTER}", ["history", f"--medium={name}"]
        yield f"carousel media ls --tag {plain}{TAB}{ENTER}", ["media", "ls", "--tag", name]
        yield f"carousel eject {plain}{TAB}{ENTER}", ["eject", name]
    yield f"carousel load ff{TAB}{ENTER}", ["load", "ff;touch executed"]
    yield f"carousel load onl{TAB}{ENTER}", ["load", "only here.iso"]
    yield f"carousel load 'onl{TAB}{ENTER}", ["load", "only here.iso"]
    yield f"carousel load aa\\ bl{TAB}{ENTER}", ["load", NAMES[0]]
    yield f"carousel load 'aa bl{TAB}{ENTER}", ["load", NAMES[0]]
    yield f'carousel load "aa bl{TAB}{ENTER}', ["load", NAMES[0]]
    yield f"carousel load aa' 'bl{TAB}{ENTER}", ["load", NAMES[0]]
    yield f"carousel load bb\\'si{TAB}{ENTER}", ["load", NAMES[1]]
    yield f"carousel load 'a b  c' driv{TAB}{ENTER}", ["load", "a b  c", "drive 0"]
    yield f'carousel load "a b \\" c" driv{TAB}{ENTER}', ["load", 'a b " c', "drive 0"]
    yield f"carousel load a\\ b\\ \\ c driv{TAB}{ENTER}", ["load", "a b  c", "drive 0"]
    yield f"carousel load '' driv{TAB}{ENTER}", ["load", "", "drive 0"]
    yield f"carousel load 'a;b|c' driv{TAB}{ENTER}", ["load", "a;b|c", "drive 0"]
    yield f"carousel load '$(touch executed)' driv{TAB}{ENTER}", ["load", "$(touch executed)", "drive 0"]
    yield f"carousel load 'é ü' driv{TAB}{ENTER}", ["load", "é ü", "drive 0"]
    yield f"true; carousel load 'a b' driv{TAB}{ENTER}", ["load", "a b", "drive 0"]
    yield f"carousel  load ii:col{TAB}{ENTER}", ["load", "ii:colon:more"]
    yield f"carousel load 'ii:col{TAB}{ENTER}", ["load", "ii:colon:more"]
    yield f"carousel export add x 0:driv{TAB}{ENTER}", ["export", "add", "x", "0:drive 0"]
    yield f"carousel export add x '0:driv{TAB}{ENTER}", ["export", "add", "x", "0:drive 0"]
    # What begins like an option is none behind --, and is not offered before it.
    yield f"carousel load -- -r{TAB}{ENTER}", ["load", "--", DASHED]
    yield f"carousel load -rf{TAB}{ENTER}", ["load", "-rf"]
    yield f"carousel load new{TAB}{ENTER}", ["load", "new"]
    yield f"carousel tape import fil{TAB}{ENTER}", ["tape", "import", "file $(touch executed)`touch executed`"]
    # As far as several have the same beginning.
    yield f"carousel media show ab{TAB}b{ENTER}", ["media", "show", "ab $one b"]
    yield f"carousel media show 'ab{TAB}b'{ENTER}", ["media", "show", "ab $one b"]
    yield f"carousel history --medium=ab{TAB}a{ENTER}", ["history", "--medium=ab $one a"]


def check(shell):
    wrong = []
    for line, expected in lines(shell.name):
        got = shell.run(line)
        if got != expected:
            wrong.append(f"{shell.name}: {line!r}: expected {expected!r}, but the program got {got!r}")
        if os.path.exists(os.path.join(shell.home, "executed")):
            wrong.append(f"{shell.name}: {line!r} executed something")
            os.unlink(os.path.join(shell.home, "executed"))
    return wrong


def main(name, program):
    if not shutil.which(name):
        print(f"{name} is not installed")
        sys.exit(77)
    with tempfile.TemporaryDirectory(prefix="carousel-shell-") as directory:
        socket = os.path.join(directory, "socket")
        server = Server(socket, Daemon)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        shell = Shell(name, os.path.abspath(program), socket, os.path.join(directory, "home"))
        wrong = check(shell)
        shell.end()
        server.shutdown()
    sys.exit("\n".join(wrong) if wrong else 0)


main(*sys.argv[1:])
