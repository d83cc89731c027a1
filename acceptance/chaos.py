"""Kills a command at random moments and in delicate ones, runs it again, and compares with a run that nobody disturbed."""
import hashlib
import pathlib
import random
import re
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


def fingerprints(folder):
    """Every file below `folder` by its name, with the hash of its bytes."""
    files = (f for f in pathlib.Path(folder).rglob("*") if f.is_file())
    return {str(f.relative_to(folder)): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}


def remove(folder):
    """A dataset and the stages beside it, so that the next run begins at the beginning."""
    for place in (folder, folder.with_name(folder.name + ".stages")):
        shutil.rmtree(place, ignore_errors=True)


def shards(files, split):
    return {name: hash for name, hash in files.items() if name.startswith(f"{split}/data/")}


def kill_driver(victim, inspect, kills, seed, say):
    """Figures of `kills` kill -9 of a preparing driver, one in each equal part of its time; an AssertionError tells what went wrong.

    `inspect` gives the exit code of `whetstone inspect` on the folder.
    """
    remove(victim.out)
    code, seconds, errors = victim.whole()
    assert code == 0, f"the undisturbed run ended with {code}: {errors[-500:]}"
    expected, whole = victim.content(victim.out), fingerprints(victim.out)
    draw = random.Random(seed)
    figures = {"undisturbed_seconds": round(seconds, 1), "killed": 0, "refused": 0, "whole": 0, "nothing_there": 0, "again_seconds": []}
    number = tries = 0
    while number < kills:
        tries += 1
        assert tries <= 3 * kills, f"too many runs ended before their kill: {figures}"
        remove(victim.out)
        after = (number + draw.random()) / kills * seconds
        if not victim.kill_at(after):
            say(f"chaos-prepare: ended before {after:.2f} s, once more")
            seconds *= 0.95
            continue
        number += 1
        figures["killed"] += 1
        moment = f"killed after {after:.2f} s"
        left = fingerprints(victim.out) if victim.out.exists() else {}
        if "manifest.json" in left:
            figures["whole"] += 1
            assert inspect(victim.out) == 0 and victim.content(victim.out) == expected, f"{moment}: a finished but wrong folder"
        elif left:
            figures["refused"] += 1
            assert inspect(victim.out) == 2, f"{moment}: an unfinished folder is not refused"
        else:
            figures["nothing_there"] += 1
        for split in ("train", "validation"):
            # What load_from_disk would open has to be right, whether the job was finished or not.
            if {f"{split}/state.json", f"{split}/dataset_info.json"} <= left.keys():
                assert shards(left, split) == shards(whole, split), f"{moment}: {split} is readable but wrong"
        code, again, errors = victim.whole()
        assert code == 0, f"{moment}: the next run ended with {code}: {errors[-800:]}"
        assert victim.content(victim.out) == expected, f"{moment}: the next run has other content"
        made = fingerprints(victim.out)
        assert made.keys() == whole.keys(), f"{moment}: the next run leaves other files: {sorted(made.keys() ^ whole.keys())}"
        assert all(shards(made, s) == shards(whole, s) for s in ("train", "validation")), f"{moment}: the next run has other shards"
        figures["again_seconds"].append(round(again, 1))
        say(f"chaos-prepare {number}/{kills}: {moment}, {len(left)} files left; then {again:.1f} s to the same content")
    return figures


def fill_disk(victim, mounted, sizes, say):
    """Runs on disks that are too small, then on one that is not: one sentence each, no debris, and the next run finishes."""
    figures = {"full": 0, "enough": 0}
    for size in sizes:
        with mounted(f"size={size}k") as disk:
            out = disk / "dataset"
            victim.out, victim.arguments = out, [*victim.arguments[:-1], str(out)]
            code, seconds, errors = victim.whole()
            if code == 0:
                figures["enough"] += 1
                say(f"full disk: {size} KB are enough")
                continue
            figures["full"] += 1
            said = [line for line in errors.splitlines() if line.startswith("whetstone: ")]
            assert code == 6, f"{size} KB: exit code {code}, expected 6: {errors[-800:]}"
            assert len(said) == 1 and "No space left" in said[0], f"{size} KB: expected one sentence, found {said}: {errors[-800:]}"
            left = fingerprints(disk)
            debris = [n for n in left if re.search(r"_tmp-|\.scratch|\.tmp$|manifest\.json$|\.unfinished/", n)]
            assert not debris, f"{size} KB: debris {debris[:5]}"
            subprocess.run(["mount", "-o", "remount,size=1g", disk], check=True)
            code, again, errors = victim.whole()
            assert code == 0, f"{size} KB, then space: ended with {code}: {errors[-800:]}"
            say(f"full disk: {size} KB end after {seconds:.1f} s in: {said[0][:100]}; with space, {again:.1f} s to the end")
            figures.setdefault("content", victim.content(out))
            assert victim.content(out) == figures["content"], f"{size} KB: other content"
    assert figures["full"] >= 3, f"too few disks were full: {figures}"
    return figures
