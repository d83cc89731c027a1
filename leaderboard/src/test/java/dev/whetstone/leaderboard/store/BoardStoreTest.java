package dev.whetstone.leaderboard.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.leaderboard.TinyResults;
import dev.whetstone.leaderboard.entry.Entry;
import dev.whetstone.leaderboard.intake.ResultReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BoardStoreTest {
  private static final Clock CLOCK = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);

  @TempDir private Path folder;

  private BoardStore open() {
    return BoardStore.open(folder.resolve("deep/board.db"), CLOCK);
  }

  private Entry entry(String adapter, String name) {
    Path result =
        TinyResults.ofAdapter("tiny", adapter).documents(5).write(folder.resolve(adapter));
    return ResultReader.read(result, name);
  }

  @Test
  void whatIsAddedComesBackEqualAfterReopening() {
    Entry first = entry("one", "");
    Entry second = entry("two", "Second, \"quoted\" <b>");
    assertThat(open().add(first)).isTrue();
    assertThat(open().add(second)).isTrue();
    assertThat(open().entries()).containsExactly(first, second);
    assertThat(open().find(second.key())).contains(second);
    assertThat(open().find("nothing")).isEmpty();
  }

  @Test
  void addingAgainChangesNothing() {
    BoardStore store = open();
    Entry first = entry("one", "");
    assertThat(store.add(first)).isTrue();
    assertThat(store.add(entry("one", "another name"))).isFalse();
    assertThat(store.entries()).containsExactly(first);
  }

  @Test
  void manyWritersAtOnceAllGetThrough() throws Exception {
    List<Entry> entries = IntStream.range(0, 8).mapToObj(i -> entry("a" + i, "")).toList();
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      var waiting =
          threads.invokeAll(
              entries.stream().<Callable<Boolean>>map(entry -> () -> open().add(entry)).toList());
      for (Future<Boolean> added : waiting) {
        assertThat(added.get()).isTrue();
      }
    } finally {
      threads.shutdown();
    }
    assertThat(open().entries()).containsExactlyInAnyOrderElementsOf(entries);
  }

  @Test
  void fileThatIsNoBoardIsRefused() throws IOException {
    Path file = folder.resolve("letter.txt");
    Files.writeString(file, "Dear reader, this is a letter and no database. ".repeat(30));
    assertThatThrownBy(() -> BoardStore.open(file, CLOCK))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("letter.txt: expected a board's database")
        .hasMessageContaining("choose another --db");
    assertThat(file).content().startsWith("Dear reader");
  }
}
