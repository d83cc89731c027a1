"""Plants forbidden arrows into a copy of the repository: each must fail the build."""
import pathlib
import re
import subprocess

# Room, what it may not have on its class path.
DEPENDENCIES = [
    ("eval", "dev.whetstone:datasets"),
    ("training", "dev.whetstone:eval"),
    ("leaderboard", "dev.whetstone:training"),
    ("workbench", "dev.whetstone:eval"),
    ("datasets", "ai.djl.pytorch:pytorch-engine"),
    ("leaderboard", "ai.djl:api"),
    ("statistics", "org.apache.spark:spark-sql_2.13"),
]

# Room, package, class that may not be used there, and the test that must say so.
CLASSES = [
    ("eval", "dev.whetstone.eval.metric", "dev.whetstone.models.engine.LanguageModel", "RimTest"),
    ("artifacts", "dev.whetstone.artifacts.items", "picocli.CommandLine", "ArchitectureTest"),
    ("training", "dev.whetstone.training.plan", "ai.djl.ndarray.NDArray", "RimTest"),
    ("datasets", "dev.whetstone.datasets.clean", "org.apache.spark.sql.Row", "RimTest"),
    ("leaderboard", "dev.whetstone.leaderboard.verdict", "org.jdbi.v3.core.Jdbi", "ArchitectureTest"),
]

# Planted dependencies bring second versions of libraries too; it is the border that must refuse them.
SKIPPED = "-Denforcer.skipRules=dependencyConvergence,requireUpperBoundDeps,banDuplicatePomDependencyVersions"
QUICK = ["-o", "-B", "-ntp", "-q", SKIPPED, "-Dspotless.check.skip", "-Dmdep.analyze.skip", "-Dsurefire.failIfNoSpecifiedTests=false"]


def maven(home, *arguments):
    run = subprocess.run(["mvn", *QUICK, *arguments], cwd=home, capture_output=True, text=True)
    return run.returncode, run.stdout + run.stderr


def plant_dependency(home, room, dependency):
    """What the build says; the copy is as it was afterwards."""
    pom = pathlib.Path(home) / room / "pom.xml"
    before = pom.read_text()
    group, artifact = dependency.split(":")
    version = "${project.version}" if group == "dev.whetstone" else versions(home)[dependency]
    planted = f"<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId><version>{version}</version></dependency>"
    pom.write_text(re.sub(r"(?s)(.*)</dependencies>", lambda m: m.group(1) + planted + "</dependencies>", before, count=1))
    try:
        return maven(home, "-pl", room, "-am", "compile", "-DskipTests")
    finally:
        pom.write_text(before)


def versions(home):
    root = (pathlib.Path(home) / "pom.xml").read_text()
    properties = dict(re.findall(r"<([\w.-]+\.version)>([^<]+)<", root))
    return {
        "ai.djl:api": properties["djl.version"],
        "ai.djl.pytorch:pytorch-engine": properties["djl.version"],
        "org.apache.spark:spark-sql_2.13": properties["spark.version"],
    }


def plant_class(home, room, package, used, test):
    file = pathlib.Path(home) / room / "src/main/java" / package.replace(".", "/") / "Planted.java"
    file.write_text(
        f"package {package};\n\n/** Planted. */\nfinal class Planted {{\n  private Planted() {{}}\n\n"
        f"  static String name({used} given) {{\n    return String.valueOf(given);\n  }}\n}}\n"
    )
    try:
        return maven(home, "-pl", room, "-am", "test", "-Denforcer.skip", f"-Dtest={test}")
    finally:
        file.unlink()
