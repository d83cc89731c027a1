"""Kills a command at random moments and in delicate ones, runs it again, and compares with a run that nobody disturbed."""
import pathlib
import random
import shutil
import signal
import subprocess
import time


class Victim:
    """A command that makes one folder, and the moments in which killing it hurts most."""

    def __init__(self, launcher, name, arguments, out, delicate, content):
        self.launcher, self.name, self.out = launcher, name, pathlib.Path(out)
        self.arguments = [str(a) for a in arguments]
        # Glob patterns below the folder: the kill comes as soon as one matches.
        self.delicate = delicate
        self.content = content

    def start(self):
        # Its own session: the whole group is killed where several processes work.
        return subprocess.Popen(
            [self.launcher, *self.arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True
        )

    def whole(self):
        begin = time.monotonic()
        process = self.start()
        errors = process.communicate()[1]
        return process.returncode, time.monotonic() - begin, errors

    def kill_at(self, seconds):
        process = self.start()
        try:
            process.communicate(timeout=seconds)
            return False
        except subprocess.TimeoutExpired:
            return self.kill(process)

    def end_at(self, seconds):
        """Ctrl-C's and a scheduler's way: SIGTERM. True if it came in time."""
        process = self.start()
        try:
            process.communicate(timeout=seconds)
            return False
        except subprocess.TimeoutExpired:
            process.terminate()
            errors = process.communicate()[1]
            assert process.returncode == 130, f"{self.name}: SIGTERM ended it with {process.returncode}, expected 130: {errors[-500:]}"
            return True

    def kill_when(self, pattern, delay):
        process = self.start()
        while process.poll() is None:
            if next(self.out.glob(pattern), None) is not None:
                time.sleep(delay)
                return self.kill(process)
            time.sleep(0.0005)
        process.communicate()
        return False

    def kill(self, process):
        # Only the one that was started: what it started has to notice by itself.
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stderr.close()
        return True


def torment(victim, kills, seed, say):
    """Figures of `kills` kills; an AssertionError tells what went wrong, and when."""
    # Twice: the first may build the program, and finds cold files.
    for _ in range(2):
        shutil.rmtree(victim.out, ignore_errors=True)
        code, seconds, errors = victim.whole()
    assert code == 0, f"{victim.name}: the undisturbed run ended with {code}: {errors[-500:]}"
    expected = victim.content(victim.out)
    draw = random.Random(seed)
    names = ("killed", "ended_before", "delicate", "by_sigterm", "went_on", "finished_when_killed")
    figures = {"undisturbed_seconds": round(seconds, 1), **dict.fromkeys(names, 0)}
    for number in range(kills):
        shutil.rmtree(victim.out, ignore_errors=True)
        if number % 5 == 4:
            # The JVM itself needs a moment before it listens to signals.
            after = max(1.0, draw.uniform(0.1, 0.9) * seconds)
            moment = f"by SIGTERM after {after:.2f} s"
            was_killed = victim.end_at(after)
            figures["by_sigterm"] += was_killed
        elif number % 3 == 2:
            pattern = victim.delicate[number // 3 % len(victim.delicate)]
            moment = f"as soon as {pattern} is there"
            was_killed = victim.kill_when(pattern, draw.choice([0, 0, 0.001, 0.005]))
            figures["delicate"] += was_killed
        else:
            after = draw.uniform(0.02, 1.0) * seconds
            moment = f"after {after:.2f} s"
            was_killed = victim.kill_at(after)
        figures["killed" if was_killed else "ended_before"] += 1
        manifest = victim.out / "manifest.json"
        if was_killed and manifest.exists():
            figures["finished_when_killed"] += 1
            assert victim.content(victim.out) == expected, f"{victim.name} killed {moment}: a readable but wrong folder"
        code, again, errors = victim.whole()
        assert code == 0, f"{victim.name} killed {moment}: then ended with {code}: {errors[-800:]}"
        assert victim.content(victim.out) == expected, f"{victim.name} killed {moment}: then other content"
        went_on = "going on from" in errors or "not asked again" in errors
        figures["went_on"] += went_on
        fate = "killed" if was_killed else "ended before it was killed"
        say(f"{victim.name} {number + 1}/{kills}: {fate} {moment}, then {again:.1f} s{', went on' if went_on else ''}, same content")
    assert figures["killed"] >= 0.75 * kills, f"{victim.name}: too many ended before their kill: {figures}"
    return figures
