"""Serves a board, kills the server by SIGKILL while it evaluates, starts it again, and looks whether anything is lost or twice."""
import datetime
import json
import os
import pathlib
import signal
import subprocess
import threading
import time


class Server:
    """`whetstone board serve` on a free port; its standard error goes to a file."""

    def __init__(self, launcher, database, log):
        self.process = subprocess.Popen(
            [launcher, "board", "serve", "--port", "0", "--db", str(database)],
            stdout=subprocess.PIPE, stderr=open(log, "a"), text=True, start_new_session=True,
        )
        self.address = self.process.stdout.readline().strip()
        assert self.address.startswith("http://127.0.0.1:"), f"board serve said {self.address!r}"

    def kill(self):
        # Only the server: its evaluation has to be found by the next one.
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def end(self):
        self.process.terminate()
        return self.process.wait(timeout=60)


class Answers(threading.Thread):
    """Keeps the latest state of an answer log, which its evaluation deletes at the end."""

    def __init__(self, jobs):
        super().__init__(daemon=True)
        self.jobs, self.text, self.over = pathlib.Path(jobs), "", False

    def run(self):
        while not self.over:
            for file in self.jobs.glob("*/*/answers.jsonl"):
                try:
                    text = file.read_text()
                    if len(text) >= len(self.text):
                        self.text = text
                except OSError:
                    pass
            time.sleep(0.02)

    def requests(self):
        """(task, request) of every answer that was computed, in order."""
        lines = [json.loads(line) for line in self.text.split("\n") if line.endswith("}")]
        return [(line["task"], request) for line in lines for request in line["answers"]]


def cron_soon():
    """The next minute that is at least ten seconds away, as a cron expression in UTC."""
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=70)
    return f"{at.minute} {at.hour} * * *"


def wait(what, seconds, condition):
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"waited {seconds} s for {what}"
        time.sleep(0.1)
    return found


def killed_server(launcher, work, baseline, evaluation, say):
    """Figures; an AssertionError tells what went wrong."""
    database, log = work / "board.db", work / "serve.log"
    jobs = work / "board.db.jobs"

    def listed():
        run = subprocess.run(
            [launcher, "board", "schedule", "list", "--json", "--db", str(database)], capture_output=True, text=True, check=True
        )
        return json.loads(run.stdout)[0]["runs"]

    subprocess.run(
        [launcher, "board", "schedule", "add", "--name", "nightly", "--cron", cron_soon(), "--zone", "UTC", "--baseline", str(baseline),
         "--db", str(database), "--", *evaluation],
        check=True, stdout=subprocess.DEVNULL,
    )
    answers = Answers(jobs)
    answers.start()
    kills = 0
    for wanted in (1, 2):
        server = Server(launcher, database, log)
        before = len(answers.text.splitlines())
        wait("answers", 240, lambda: len(answers.text.splitlines()) >= before + wanted)
        server.kill()
        kills += 1
        say(f"server killed with {len(answers.text.splitlines())} batches of answers on disk")
    server = Server(launcher, database, log)
    runs = wait("the run's end", 600, lambda: [r for r in listed() if r["state"] != "running"])
    answers.over = True
    answers.join()
    code = server.end()
    assert code == 130, f"SIGTERM ended the server with {code}, expected 130"
    assert len(listed()) == 1, f"expected one run, found {listed()}"
    assert runs[0]["state"] == "done", f"the run {runs[0]['state']}: {runs[0]['sentence']}"
    verdicts = [verdict["task"] for verdict in runs[0]["verdicts"]]
    assert verdicts and len(verdicts) == len(set(verdicts)), f"expected a verdict a task, found {verdicts}"
    computed = answers.requests()
    assert len(computed) == len(set(computed)), "an answer was computed twice"
    result = next(jobs.glob("nightly/*/manifest.json"))
    return {
        "kills": kills,
        "answers": len(computed),
        "verdicts": len(verdicts),
        "content": json.loads(result.read_text())["content"],
        "left_behind": [name for name in os.listdir(result.parent) if name.startswith(".")],
    }
