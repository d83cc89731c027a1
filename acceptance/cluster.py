"""A standalone Spark master and two workers on loopback, out of the pip package pyspark; prepare by spark-submit on them."""
import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import time
import zipfile

VERSION = "4.2.0"

# Annotations that nothing reads at run time, and what Spark's own jars hold under another name.
NOT_NEEDED = {"error_prone_annotations", "j2objc-annotations", "jspecify", "javax.annotation-api", "protobuf-java"}


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


class Cluster:
    """Stops when the `with` ends. `spark_home` is the folder of the package pyspark."""

    def __init__(self, spark_home, folder):
        self.spark_home, self.folder = pathlib.Path(spark_home), pathlib.Path(folder)
        self.processes = {}

    def __enter__(self):
        self.folder.mkdir(parents=True)
        port, *self.web_ports = free_ports(4)
        self.master = f"spark://127.0.0.1:{port}"
        self.start("master", "127.0.0.1", "master.Master", "--port", str(port), "--webui-port", str(self.web_ports[0]))
        self.wait_for(lambda: "I have been elected leader" in self.log("master"), "the master")
        for number in (1, 2):
            self.start_worker(number)
        return self

    def __exit__(self, *_):
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            process.wait()

    def start(self, name, host, of, *arguments):
        # Without the submission server on port 6066, which asks for no password.
        environment = {**os.environ, "SPARK_LOCAL_IP": host, "SPARK_DAEMON_JAVA_OPTS": "-Dspark.master.rest.enabled=false"}
        command = [self.spark_home / "bin" / "spark-class", f"org.apache.spark.deploy.{of}", "--host", host, *arguments]
        with open(self.folder / f"{name}.log", "ab") as log:
            self.processes[name] = subprocess.Popen(command, stdout=log, stderr=log, env=environment, stdin=subprocess.DEVNULL)

    def start_worker(self, number):
        # A host of its own for each: Spark never starts a second attempt on the host of the first.
        name, work = f"worker{number}", self.folder / f"work{number}"
        seen = self.log(name).count("Successfully registered with master")
        self.start(
            name, f"127.0.0.{number}", "worker.Worker", "--cores", "1", "--memory", "2g", "--webui-port", str(self.web_ports[number]),
            "--work-dir", str(work), self.master,
        )
        self.wait_for(lambda: self.log(name).count("Successfully registered with master") > seen, name)

    def log(self, name):
        file = self.folder / f"{name}.log"
        return file.read_text(errors="replace") if file.exists() else ""

    def wait_for(self, condition, what):
        end = time.monotonic() + 600
        while not condition():
            assert time.monotonic() < end, f"{what} does not come up: see {self.folder}"
            time.sleep(0.1)

    def kill_worker(self, number):
        """The worker as kill -9 leaves it: its executor notices and leaves with it."""
        process = self.processes.pop(f"worker{number}")
        process.kill()
        process.wait()

    def executors(self, number):
        """Processes of a worker's executors."""
        found = []
        for entry in pathlib.Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                if int(entry.read_text().rsplit(")", 1)[1].split()[1]) == self.processes[f"worker{number}"].pid:
                    found.append(int(entry.parent.name))
        return found

    def submit(self, *arguments, **settings):
        """A driver by spark-submit; its standard error goes to driver.log."""
        # A name with a dot comes as one with a double underscore.
        conf = {
            "spark__driver__host": "127.0.0.1", "spark__driver__bindAddress": "127.0.0.1", "spark__executor__memory": "1g",
            "spark__log__level": "WARN", "spark__ui__enabled": "false", **settings,
        }
        command = [self.spark_home / "bin" / "spark-submit", "--master", self.master]
        for key, value in conf.items():
            command += ["--conf", f"{key.replace('__', '.')}={value}"]
        with open(self.folder / "driver.log", "ab") as log:
            driver = subprocess.Popen([*command, *map(str, arguments)], stdout=subprocess.PIPE, stderr=log, text=True, stdin=subprocess.DEVNULL)
        self.processes[f"driver {driver.pid}"] = driver
        return driver

    def end(self, driver, what):
        out = driver.communicate(timeout=3600)[0]
        assert driver.returncode == 0, f"{what}: spark-submit ended with {driver.returncode}: {self.log('driver')[-1500:]}"
        return out.splitlines()


def name_of(jar):
    """Of guava-33.6.0-jre.jar: guava."""
    return re.sub(r"-\d.*", "", jar.name)


def lacking(class_path, spark_home, job_jar):
    """Libraries of the room that a cluster would not find: neither Spark's own nor in the job's jar."""
    sparks = {name_of(jar) for jar in (pathlib.Path(spark_home) / "jars").glob("*.jar")}
    with zipfile.ZipFile(job_jar) as jar:
        there = set(jar.namelist())
    missing = []
    for jar in map(pathlib.Path, class_path):
        if jar.suffix != ".jar" or name_of(jar) in sparks | NOT_NEEDED:
            continue
        with zipfile.ZipFile(jar) as library:
            classes = [n for n in library.namelist() if n.endswith(".class") and not n.endswith("-info.class") and not n.startswith("META-INF")]
        if classes and not there.issuperset(classes):
            missing.append(jar.name)
    return missing


def content(folder):
    return json.loads((pathlib.Path(folder) / "manifest.json").read_text())["content"]


def names(folder):
    return sorted(str(f.relative_to(folder)) for f in pathlib.Path(folder).rglob("*") if f.is_file())


def runs(spark_home, jar, launcher, recipe, work, say):
    """Figures of equal results on one machine, on the cluster, and on a cluster that loses a worker; AssertionErrors tell."""
    work = pathlib.Path(work)
    begin = time.monotonic()
    local = work / "local"
    subprocess.run([launcher, "prepare", recipe, "--out", local, "--master", "local[2]"], check=True, stdout=subprocess.DEVNULL)
    expected = content(local)
    figures = {"content": expected, "local_seconds": round(time.monotonic() - begin, 1)}
    shuffles = {"spark__sql__shuffle__partitions": "8"}
    with Cluster(spark_home, work / "cluster") as cluster:
        out = work / "whole"
        begin = time.monotonic()
        lines = cluster.end(cluster.submit(jar, "prepare", recipe, "--out", out, "--partitions", "3", **shuffles), "undisturbed")
        seconds = time.monotonic() - begin
        assert lines == [str(out)], f"expected the folder as only line, found {lines}"
        assert content(out) == expected, "other content than that of local[2]"
        figures["cluster_seconds"] = round(seconds, 1)
        say(f"cluster: {seconds:.1f} s, content of local[2]")
        for share in (0.45, 0.75):
            out = work / f"killed-{share}"
            begin = time.monotonic()
            driver = cluster.submit(jar, "prepare", recipe, "--out", out, "--partitions", "3", **shuffles)
            time.sleep(share * seconds)
            assert driver.poll() is None, f"ended within {share} of {seconds:.1f} s, before its worker was killed"
            busy = len(cluster.executors(2))
            cluster.kill_worker(2)
            cluster.end(driver, f"worker killed after {share} of the time")
            took = time.monotonic() - begin
            assert busy, "the killed worker had no executor: nothing was disturbed"
            assert content(out) == expected, "a killed worker changed the content"
            assert not [n for n in names(out) if "_tmp-" in n], f"debris of a killed worker: {names(out)}"
            figures[f"worker_killed_at_{share}_seconds"] = round(took, 1)
            say(f"cluster: worker killed after {share * seconds:.1f} s, ended after {took:.1f} s, same content")
            cluster.start_worker(2)
        figures["speculation"] = speculation(cluster, jar, work, say)
    return figures


def speculation(cluster, jar, work, say):
    """An executor stands still in the middle of a write: a second attempt of its task wins, no row is there twice."""
    out = work / "speculated"
    rows = 400_000
    script = work / "speculated.py"
    script.write_text(
        "import sys\nfrom pyspark.sql import SparkSession\nspark = SparkSession.builder.getOrCreate()\n"
        f"rows = spark.range(0, {rows}, 1, 8).selectExpr('id', \"repeat(sha2(CAST(id AS STRING), 256), 10) AS text\")\n"
        "rows.write.format('hf-arrow').mode('append').save(sys.argv[1])\n"
        "back = spark.read.format('hf-arrow').load(sys.argv[1])\n"
        "print(back.count(), back.selectExpr('sum(id)').first()[0], back.select('id').distinct().count())\nspark.stop()\n"
    )
    driver = cluster.submit(
        "--jars", jar, script, out, spark__speculation="true", spark__speculation__quantile="0.5", spark__speculation__multiplier="1.2",
        spark__speculation__interval="200ms", spark__log__level="INFO", spark__sql__shuffle__partitions="4",
    )
    stopped = []
    try:
        # Files in the folder of attempts: tasks are writing.
        cluster.wait_for(lambda: driver.poll() is not None or any(out.glob("_tmp-*/*.arrow")), "the write")
        stopped = cluster.executors(2)
        for process in stopped:
            os.kill(process, signal.SIGSTOP)
        cluster.wait_for(lambda: driver.poll() is not None or (out / "dataset_info.json").exists(), "the second attempt")
    finally:
        for process in stopped:
            os.kill(process, signal.SIGCONT)
    lines = cluster.end(driver, "speculation")
    assert stopped, "no executor stood still"
    assert lines[-1:] == [f"{rows} {rows * (rows - 1) // 2} {rows}"], f"expected each row once, found {lines}"
    time.sleep(3)  # for what the first attempt still does
    assert not [n for n in names(out) if "_tmp-" in n], f"debris of the attempt that lost: {names(out)}"
    second_attempts = len(re.findall("Marking task .* as speculatable", cluster.log("driver")))
    assert second_attempts, "Spark started no second attempt: nothing was shown"
    say("cluster: an executor that stood still was overtaken; each row once, no debris")
    return {"rows": rows, "second_attempts": second_attempts}
