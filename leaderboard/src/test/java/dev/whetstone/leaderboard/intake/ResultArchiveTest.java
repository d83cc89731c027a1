package dev.whetstone.leaderboard.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.leaderboard.TinyResults;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultArchiveTest {
  private static final byte[] TEXT = "{}".getBytes(StandardCharsets.UTF_8);
  private static final ArchiveLimits SMALL = new ArchiveLimits(1 << 20, 20);

  @TempDir private Path folder;
  private int unpackings;

  private Path unpack(byte[] archive) {
    try {
      Path work = Files.createDirectory(folder.resolve("work-" + unpackings++));
      Path file = Files.write(work.resolve("archive"), archive);
      Path into = Files.createDirectories(work.resolve("deep/result"));
      ResultArchive.unpack(file, into, SMALL);
      return into;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void packedFolderReadsAsTheFolderDoes() {
    Path result = TinyResults.ofAdapter("tiny", "a").write(folder.resolve("r"));
    var expected = ResultReader.read(result, "");
    for (String prefix : List.of("", "r/", "./", "out/ünïcode 结果/")) {
      Map<String, byte[]> files = Archives.files(result, prefix);
      assertThat(ResultReader.read(unpack(Archives.zip(files)), "")).isEqualTo(expected);
      assertThat(ResultReader.read(unpack(Archives.tarGz(files)), "")).isEqualTo(expected);
    }
  }

  @Test
  void onlyWhatTheBoardReadsIsWritten() throws IOException {
    var files = new LinkedHashMap<String, byte[]>();
    files.put("r/samples.arrow", new byte[1000]);
    files.put("r/evil.sh", "#!/bin/sh".getBytes(StandardCharsets.UTF_8));
    files.put("r/sub/notes.txt", TEXT);
    files.put("r/manifest.json", TEXT);
    Path file = Files.write(folder.resolve("a.zip"), Archives.zip(files));
    Path into = Files.createDirectory(folder.resolve("into"));
    assertThat(ResultArchive.unpack(file, into, SMALL))
        .containsExactly("r/samples.arrow", "r/evil.sh", "r/sub/notes.txt");
    try (Stream<Path> written = Files.list(into)) {
      assertThat(written).containsExactly(into.resolve("manifest.json"));
    }
  }

  @Test
  void namesThatLeaveTheFolderAreRefusedAndWriteNothing() throws IOException {
    for (String name :
        List.of(
            "../results_x.json",
            "r/../../results_x.json",
            "/tmp/results_x.json",
            "..\\results_x.json",
            "C:\\results_x.json",
            "C:results_x.json",
            "r\\results_x.json",
            "results_\u0000x.json",
            "results_x\n.json",
            "..",
            "a".repeat(2000))) {
      for (byte[] archive : List.of(Archives.zip(Map.of(name, TEXT)), tar(name))) {
        assertThatThrownBy(() -> unpack(archive))
            .as(name)
            .isInstanceOf(BadInputException.class)
            .hasMessageStartingWith("the archive: ");
      }
    }
    try (Stream<Path> written = Files.walk(folder)) {
      assertThat(written.filter(path -> path.toString().endsWith(".json"))).isEmpty();
    }
  }

  private static byte[] tar(String name) {
    // The writer of tar files cannot write this one; the zip stands for it.
    return name.indexOf('\0') >= 0
        ? Archives.zip(Map.of(name, TEXT))
        : Archives.tarGz(Map.of(name, TEXT));
  }

  @Test
  void linksAndDevicesAreRefused() {
    for (byte kind :
        new byte[] {
          TarConstants.LF_SYMLINK,
          TarConstants.LF_LINK,
          TarConstants.LF_CHR,
          TarConstants.LF_BLK,
          TarConstants.LF_FIFO
        }) {
      assertThatThrownBy(
              () -> unpack(Archives.tarGzWithLink("results_x.json", "/etc/passwd", kind)))
          .as("kind %c", kind)
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("link");
    }
  }

  @Test
  void bombsAreStoppedEarly() {
    byte[] zeros = new byte[8 << 20];
    for (String name : List.of("results_x.json", "other.bin")) {
      assertThatThrownBy(() -> unpack(Archives.zip(Map.of(name, zeros))))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("at most 1048576 bytes unpacked");
      assertThatThrownBy(() -> unpack(Archives.tarGz(Map.of(name, zeros))))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("at most 1048576 bytes unpacked");
    }
    var many = new LinkedHashMap<String, byte[]>();
    for (int i = 0; i < 30; i++) {
      many.put("samples_" + i + ".jsonl", TEXT);
    }
    assertThatThrownBy(() -> unpack(Archives.zip(many))).hasMessageContaining("at most 20 entries");
    assertThatThrownBy(() -> unpack(Archives.tarGz(many)))
        .hasMessageContaining("at most 20 entries");
  }

  @Test
  void filesOfTwoFoldersOrOneTwiceAreRefused() {
    var two = new LinkedHashMap<String, byte[]>();
    two.put("a/results_x.json", TEXT);
    two.put("b/samples_t_x.jsonl", TEXT);
    assertThatThrownBy(() -> unpack(Archives.zip(two))).hasMessageContaining("in one folder");
    var twice = new LinkedHashMap<String, byte[]>();
    twice.put("results_x.json", TEXT);
    twice.put("./results_x.json", TEXT);
    assertThatThrownBy(() -> unpack(Archives.tarGz(twice))).isInstanceOf(BadInputException.class);
  }

  @Test
  void whatIsCutOffOrDamagedIsBadInputAndNeverADefect() {
    Path result = TinyResults.ofBase("tiny", 0).documents(5).write(folder.resolve("r"));
    Map<String, byte[]> files = Archives.files(result, "");
    for (byte[] whole : List.of(Archives.zip(files), Archives.tarGz(files))) {
      for (long seed = 0; seed < 150; seed++) {
        var random = new Random(seed);
        byte[] bytes =
            random.nextBoolean()
                ? Arrays.copyOf(whole, random.nextInt(whole.length))
                : whole.clone();
        for (int i = random.nextInt(6); i > 0 && bytes.length > 0; i--) {
          bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        try {
          unpack(bytes);
        } catch (BadInputException e) {
          assertThat(e.getMessage()).as("seed %d", seed).startsWith("the archive: ");
        }
      }
    }
  }
}
