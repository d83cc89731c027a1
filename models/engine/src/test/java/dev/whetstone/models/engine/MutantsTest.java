package dev.whetstone.models.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.whetstone.models.engine.hub.TinyGguf;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Mutants of small valid configurations, tokenizers of every kind and GGUF files: each is refused
 * in a sentence or works. {@link HostileModelsTest} says what is measured.
 */
class MutantsTest {
  /** Of each of the three; the slow check asks for more. */
  private static final int COUNT = Integer.getInteger("whetstone.mutants.count", 300);

  @TempDir Path folder;

  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "the peak of memory is read from /proc")
  void eachIsRefusedInASentenceOrWorks() throws Exception {
    Path gguf = new TinyGguf(1).write(folder.resolve("tiny.gguf"));
    List<String> ends = HostileModelsTest.ends(MutantFiles.class, folder, gguf, COUNT);
    assertThat(ends).hasSize(3 * COUNT);
    for (int kind = 0; kind < 3; kind++) {
      int number = kind;
      assertThat(
              ends.stream()
                  .filter(line -> Integer.parseInt(line.split(" ", 3)[1]) % 3 == number)
                  .filter(line -> line.contains(" refused: ")))
          .as("kind %d", kind)
          .hasSizeBetween(COUNT / 4, COUNT - 1);
    }
  }
}
