package dev.whetstone.artifacts.items;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Manifest;
import dev.whetstone.artifacts.TinyManifest;
import dev.whetstone.artifacts.items.ItemsFolder.Item;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ItemsFolderTest {
  @TempDir Path folder;

  private static Item item(String task, int doc) {
    return new Item(task, "1.0", doc, "What is é\n" + doc, List.of("4", "5"), "d", "p", "t");
  }

  private static void write(Path folder, List<Item> items, Manifest manifest) {
    try (var begun =
        ArtifactFolder.begin(folder, ItemsFolder.FORMAT, "sha256:id", false).orElseThrow()) {
      ItemsFolder.write(begun, items, manifest);
    }
  }

  @Test
  void readingGivesTasksByNameAndDocumentsInOrder() {
    List<Item> items = List.of(item("sums", 1), item("arc", 0), item("sums", 0));
    write(folder, items, TinyManifest.of(ItemsFolder.FORMAT));
    assertThat(ItemsFolder.open(folder).items())
        .containsExactly(item("arc", 0), item("sums", 1), item("sums", 0));
    assertThat(folder.toFile().list())
        .containsExactlyInAnyOrder("arc.jsonl", "sums.jsonl", Manifest.FILE);
    assertThat(ItemsFolder.contentOf(items))
        .isEqualTo(ItemsFolder.contentOf(ItemsFolder.open(folder).items()))
        .isNotEqualTo(ItemsFolder.contentOf(List.of(item("arc", 0))));
  }

  @Test
  void aBrokenLineIsNamed() throws IOException {
    write(folder, List.of(item("arc", 0)), TinyManifest.of(ItemsFolder.FORMAT));
    Files.writeString(folder.resolve("arc.jsonl"), "{\"task\": 1\n", StandardOpenOption.APPEND);
    assertThatThrownBy(() -> ItemsFolder.open(folder).items())
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("arc.jsonl, line 2: expected Item, found not the JSON");
  }

  @Test
  void aTaskCannotWriteOutsideTheFolder() {
    assertThatThrownBy(
            () ->
                write(
                    folder.resolve("items"),
                    List.of(item("../x", 0)),
                    TinyManifest.of(ItemsFolder.FORMAT)))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("task \"../x\"");
    assertThat(folder.resolve("items")).doesNotExist();
  }
}
