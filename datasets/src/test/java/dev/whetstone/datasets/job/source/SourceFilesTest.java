package dev.whetstone.datasets.job.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceFilesTest {
  // Each new one reads its XML files again.
  private static final Configuration CONFIGURATION = new Configuration();

  @TempDir Path folder;

  @Test
  void blocksOfAnySizeGiveTheSameLinesWithTheirNumbers() throws IOException {
    for (long seed = 0; seed < 20; seed++) {
      Random random = new Random(seed);
      var text = new StringBuilder();
      int count = random.nextInt(0, 30);
      for (int i = 0; i < count; i++) {
        text.append("x\u00E9".repeat(random.nextInt(0, 12)))
            .append(i < count - 1 || random.nextBoolean() ? "\n" : "");
      }
      Path file =
          Files.write(
              folder.resolve(seed + ".jsonl"), text.toString().getBytes(StandardCharsets.UTF_8));
      List<String> slow = new ArrayList<>();
      String[] lines = text.toString().split("\n", -1);
      for (int i = 0; i < lines.length; i++) {
        if (!lines[i].isBlank()) {
          slow.add((i + 1) + " " + lines[i]);
        }
      }
      for (long block : new long[] {2, 3, 7, 50, 10_000}) {
        List<String> fast = new ArrayList<>();
        for (Block part :
            SourceFiles.cut(file.toString(), FileFormat.JSONL, block, CONFIGURATION).blocks()) {
          new BlockLines(part, CONFIGURATION)
              .forEachRemaining(line -> fast.add(line.number() + " " + line.text()));
        }
        assertThat(fast).as("seed %d, blocks of %d", seed, block).isEqualTo(slow);
      }
    }
  }

  @Test
  void aLineThatIsNoTextTellsItsByte() throws IOException {
    Path file =
        Files.write(folder.resolve("bad.jsonl"), new byte[] {'a', '\n', 'b', (byte) 0xFF, '\n'});
    Block block =
        SourceFiles.cut(file.toString(), FileFormat.JSONL, 100, CONFIGURATION).blocks().get(0);
    var lines = new BlockLines(block, CONFIGURATION);
    assertThat(lines.next().fault()).isEmpty();
    assertThat(lines.next().fault()).isEqualTo("not UTF-8 at byte 3 of the file");
    assertThat(lines.hasNext()).isFalse();
  }
}
