package dev.whetstone.artifacts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManifestTest {
  private static final String FORMAT = "whetstone.test/1";

  @TempDir Path folder;

  @Test
  void readingGivesBackWhatWasWritten() {
    for (long seed = 0; seed < 50; seed++) {
      Manifest manifest = random(new Random(seed));
      ArtifactFolder.finish(folder, manifest);
      assertThat(Manifest.read(folder, FORMAT)).as("seed %d", seed).isEqualTo(manifest);
    }
    assertThat(folder).isDirectoryNotContaining("glob:**.tmp");
  }

  private static Manifest random(Random random) {
    var facts = new TreeMap<String, String>();
    var seeds = new TreeMap<String, Long>();
    for (int i = random.nextInt(4); i > 0; i--) {
      facts.put(text(random), text(random));
      seeds.put(text(random), random.nextLong());
    }
    return new Manifest(
        FORMAT,
        text(random),
        text(random),
        facts,
        Json.mapper().valueToTree(Map.of(text(random), random.nextInt())),
        Json.mapper().valueToTree(List.of(random.nextBoolean(), text(random))),
        seeds,
        facts,
        List.of(new Ancestor("dataset", text(random), text(random), facts)),
        "2026-01-02T03:04:05Z",
        random.nextDouble());
  }

  private static String text(Random random) {
    return random
        .ints(random.nextInt(12), 0x20, 0xd800)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  @Test
  void unfinishedForeignAndMissingFoldersAreToldApart() throws IOException {
    assertThatThrownBy(() -> Manifest.read(folder.resolve("none"), FORMAT))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("expected a folder (whetstone.test/1) here, found none");
    assertThatThrownBy(() -> Manifest.read(folder, FORMAT))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("unfinished, it has no manifest.json");
    ArtifactFolder.finish(folder, TinyManifest.of("whetstone.test/2"));
    assertThatThrownBy(() -> Manifest.read(folder, FORMAT))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("expected whetstone.test/1, found whetstone.test/2");
    Files.writeString(folder.resolve(Manifest.FILE), "{\"format\":\"a\",\"format\":\"b\"}");
    assertThatThrownBy(() -> Manifest.read(folder, FORMAT))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("Duplicate field 'format'");
  }

  @Test
  void missingAndNullPartsAreNamed() throws IOException {
    ArtifactFolder.finish(folder, random(new Random(1)));
    String whole = Files.readString(folder.resolve(Manifest.FILE));
    for (String part : List.of("inputs", "recipe", "seeds", "versions", "lineage", "started")) {
      var tree = (ObjectNode) Json.read(folder.resolve(Manifest.FILE));
      tree.remove(part);
      Files.writeString(folder.resolve(Manifest.FILE), tree.toString());
      assertThatThrownBy(() -> Manifest.read(folder, FORMAT))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining(part + " is null");
      Files.writeString(folder.resolve(Manifest.FILE), whole);
    }
    var tree = (ObjectNode) Json.read(folder.resolve(Manifest.FILE));
    tree.putArray("lineage").addNull();
    Files.writeString(folder.resolve(Manifest.FILE), tree.toString());
    assertThatThrownBy(() -> Manifest.read(folder, FORMAT))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("lineage has an entry that is null");
  }

  /** {@code json.dumps(..., indent=2)} of Python 3.11. */
  @Test
  void filesForPeopleAreLaidOutAsPythonDoes() {
    var value = new java.util.LinkedHashMap<String, Object>();
    value.put("a", List.of(1, List.of()));
    value.put("b", Map.of());
    value.put("c", null);
    assertThat(Json.pretty(value))
        .isEqualTo(
            """
            {
              "a": [
                1,
                []
              ],
              "b": {},
              "c": null
            }
            """);
  }
}
