package dev.whetstone.artifacts.home;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.whetstone.artifacts.home.HomeFolder.Entry;
import dev.whetstone.artifacts.home.HomeFolder.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HomeFolderTest {
  @TempDir Path home;

  private void write(String file, int bytes) throws IOException {
    Path path = home.resolve(file);
    Files.createDirectories(path.getParent());
    Files.write(path, new byte[bytes]);
  }

  @Test
  void everyEntryHasItsKindAndSize() throws IOException {
    write("board.db", 3);
    write("downloads/smol-1/model.gguf", 5);
    write("models/smol-1/model.safetensors", 7);
    write("models/smol-1/config.json", 1);
    write("peers/bin/python", 2);
    assertThat(new HomeFolder(home).entries())
        .extracting(e -> home.relativize(e.path()).toString(), Entry::kind, Entry::bytes)
        .containsExactly(
            tuple("board.db", Kind.BOARD, 3L),
            tuple("downloads/smol-1", Kind.DOWNLOAD, 5L),
            tuple("models/smol-1", Kind.MODEL, 8L),
            tuple("peers", Kind.TOOLS, 2L));
    assertThat(new HomeFolder(home.resolve("none")).entries()).isEmpty();
  }

  @Test
  void aLinkGoesAndWhatItPointsToStays() throws IOException {
    write("elsewhere/model.safetensors", 9);
    Files.createDirectories(home.resolve("cache/models"));
    Files.createSymbolicLink(home.resolve("cache/models/mine"), home.resolve("elsewhere"));
    var folder = new HomeFolder(home.resolve("cache"));
    Entry link = folder.entries().get(0);
    assertThat(link.bytes()).isZero();
    folder.delete(link);
    assertThat(folder.entries()).isEmpty();
    assertThat(home.resolve("elsewhere/model.safetensors")).exists();
    assertThatThrownBy(() -> folder.delete(new Entry(home.resolve("elsewhere"), Kind.MODEL, 9)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
