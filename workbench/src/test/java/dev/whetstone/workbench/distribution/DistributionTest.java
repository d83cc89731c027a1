package dev.whetstone.workbench.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.whetstone.artifacts.BadInputException;
import java.io.BufferedInputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DistributionTest {
  private static final List<String> ROOMS = List.of("library", "models/one", "two");
  private static final Map<String, String> FACTS =
      Map.of("version", "0.1.0", "platform", "linux-x86_64", "commit", "abc");

  @TempDir private Path home;

  /** Two rooms that share a jar, and each with a jar of one name that is not the same. */
  @BeforeEach
  void makeBuild() throws IOException {
    write("whetstone", "#!/usr/bin/env bash");
    write("README.md", "read");
    write("docs/decisions/why.md", "because");
    write("docs/.hidden", "not for others");
    write("recipes/quickstart/quickstart.yaml", "name: orders");
    room("models/one", "models-one", write("m2/shared-1.jar", "s"), write("m2/one/api-2.jar", "a"));
    room("two", "two", write("m2/shared-1.jar", "s"), write("m2/two/api-2.jar", "b"));
    write("library/target/library-0.1.0.jar", "a library has no class path of its own");
  }

  @Test
  void jarsThatRoomsShareAreStoredOnceAndEachRoomKeepsItsOrder() throws IOException {
    Map<String, String> texts = texts(pack("all.tar.gz"));
    String folder = "whetstone-0.1.0/";
    List<String> one =
        texts.get(folder + "lib/models-one.classpath").lines().collect(Collectors.toList());
    List<String> two = texts.get(folder + "lib/two.classpath").lines().collect(Collectors.toList());
    assertThat(one).containsExactly("models-one-0.1.0.jar", "shared-1.jar", "api-2.jar");
    assertThat(two.subList(0, 2)).containsExactly("two-0.1.0.jar", "shared-1.jar");
    assertThat(two.get(2)).endsWith("-api-2.jar");
    assertThat(texts.get(folder + "lib/" + one.get(2))).isEqualTo("a");
    assertThat(texts.get(folder + "lib/" + two.get(2))).isEqualTo("b");
    assertThat(texts.keySet().stream().filter(name -> name.endsWith(".jar"))).hasSize(5);
    assertThat(texts)
        .containsEntry(
            folder + "lib/packaged", "commit=abc\nplatform=linux-x86_64\nversion=0.1.0\n")
        .containsKeys(
            folder + "README.md",
            folder + "docs/decisions/why.md",
            folder + "recipes/quickstart/quickstart.yaml")
        .doesNotContainKey(folder + "docs/.hidden");
  }

  @Test
  void equalBuildsGiveEqualBytesWhateverTheClockSays() throws IOException {
    byte[] before = Files.readAllBytes(pack("one.tar.gz"));
    try (Stream<Path> files = Files.walk(home)) {
      for (Path file : files.toList()) {
        Files.setLastModifiedTime(file, FileTime.fromMillis(12_345_678_000L));
      }
    }
    assertThat(Files.readAllBytes(pack("two.tar.gz"))).isEqualTo(before);
  }

  @Test
  void entriesAreSortedOwnedByNobodyInParticularAndOnlyTheLauncherIsAProgram() throws IOException {
    List<TarArchiveEntry> entries = entries(pack("all.tar.gz"));
    assertThat(entries.stream().map(TarArchiveEntry::getName)).isSorted();
    assertThat(entries)
        .allSatisfy(
            entry -> {
              assertThat(entry.getLongUserId()).isZero();
              assertThat(entry.getLongGroupId()).isZero();
              assertThat(entry.getUserName()).isEqualTo("root");
              assertThat(entry.getLastModifiedTime())
                  .isEqualTo(entries.get(0).getLastModifiedTime());
              assertThat(entry.getMode() & 0111)
                  .isEqualTo(entry.getName().endsWith("/whetstone") ? 0111 : 0);
            });
  }

  @Test
  void aRoomLeftOutTakesItsJarsWithIt() {
    Map<String, PackedFile> files = Distribution.of(home, List.of("library", "two"), FACTS).files();
    assertThat(files)
        .containsKeys("lib/two.classpath", "lib/shared-1.jar", "lib/api-2.jar")
        .doesNotContainKeys("lib/models-one.classpath", "lib/models-one-0.1.0.jar");
  }

  @Test
  void aMissingJarIsNamed() throws IOException {
    Files.delete(home.resolve("m2/two/api-2.jar"));
    assertThatThrownBy(() -> Distribution.of(home, ROOMS, FACTS))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("m2/two/api-2.jar: expected a jar here, found none");
  }

  @Test
  void unsafeNamesAreRefused() {
    for (String name :
        List.of("/etc/passwd", "../up", "docs/../../up", "a b", "-rf", "a\nb", "", "a//b", "~x")) {
      assertThatThrownBy(() -> PackedFile.of(name, "text"))
          .as(name)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("unsafe name");
    }
  }

  private Path pack(String name) {
    Path archive = home.resolve("out").resolve(name);
    TarGzip.write(Distribution.of(home, ROOMS, FACTS), archive);
    return archive;
  }

  private Path write(String file, String text) throws IOException {
    Path path = home.resolve(file);
    Files.createDirectories(path.getParent());
    return Files.writeString(path, text);
  }

  private void room(String folder, String artifact, Path... jars) throws IOException {
    write(folder + "/target/" + artifact + "-0.1.0.jar", artifact);
    write(
        folder + "/target/classpath.txt",
        Stream.of(jars).map(Path::toString).collect(Collectors.joining(File.pathSeparator)));
  }

  private static List<TarArchiveEntry> entries(Path archive) throws IOException {
    var entries = new ArrayList<TarArchiveEntry>();
    try (TarArchiveInputStream tar = open(archive)) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        entries.add(entry);
      }
    }
    return entries;
  }

  private static Map<String, String> texts(Path archive) throws IOException {
    var texts = new LinkedHashMap<String, String>();
    try (TarArchiveInputStream tar = open(archive)) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        texts.put(entry.getName(), new String(tar.readAllBytes(), StandardCharsets.UTF_8));
      }
    }
    return texts;
  }

  private static TarArchiveInputStream open(Path archive) throws IOException {
    return new TarArchiveInputStream(
        new GzipCompressorInputStream(new BufferedInputStream(Files.newInputStream(archive))));
  }
}
