package dev.whetstone.leaderboard.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Manifest;
import dev.whetstone.leaderboard.TinyResults;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A value of a result's files changed by seed: each is read, or ends in a sentence. */
class HostileResultsTest {
  private static final int MUTATIONS = 400;

  private static final Pattern VALUE =
      Pattern.compile(
          "(?<=[:\\[,] ?)(-?\\d[\\d.eE+-]*|\"[^\"\\\\]*\"|true|false|null|\\[\\]|\\{\\})");

  private static final String[] VALUES = {
    "0", "-1", "1e999", "9223372036854775808", "NaN", "null", "true", "\"\"", "\"\\u0000\"",
    "\"\\ud800\"", "[]", "{}", "[null]", "{\"a\": 1}", "[[1, 2], [3]]", "\"x\"", "\"-\"", "]"
  };

  @TempDir private Path folder;

  @Test
  void resultsAreReadOrRefused() throws IOException {
    readAll(TinyResults.ofAdapter("m", "a").documents(3).write(folder.resolve("ours")));
    Path plain = TinyResults.ofBase("m", 3).documents(3).write(folder.resolve("plain"));
    Files.delete(plain.resolve(Manifest.FILE)); // as lm-evaluation-harness leaves it
    readAll(plain);
  }

  private static void readAll(Path result) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.list(result)) {
      files = all.filter(Files::isRegularFile).sorted().toList();
    }
    int refused = 0;
    for (long seed = 0; seed < MUTATIONS; seed++) {
      var random = new Random(seed);
      Path file = files.get(random.nextInt(files.size()));
      String whole = Files.readString(file);
      Files.writeString(file, changed(whole, random));
      try {
        assertThat(ResultReader.read(result, "").tasks()).isNotEmpty();
      } catch (BadInputException e) {
        refused++;
        assertThat(e.getMessage()).as("seed %d", seed).isNotBlank();
      } catch (RuntimeException | Error e) {
        throw new AssertionError("seed %d, %s".formatted(seed, file), e);
      }
      Files.writeString(file, whole);
    }
    assertThat(refused).isGreaterThan(MUTATIONS / 20);
  }

  private static String changed(String json, Random random) {
    List<MatchResult> places = VALUE.matcher(json).results().toList();
    MatchResult place = places.get(random.nextInt(places.size()));
    return json.substring(0, place.start())
        + VALUES[random.nextInt(VALUES.length)]
        + json.substring(place.end());
  }
}
