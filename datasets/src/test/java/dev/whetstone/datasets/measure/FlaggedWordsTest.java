package dev.whetstone.datasets.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.datasets.dedup.Words;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FlaggedWordsTest {
  @TempDir private Path folder;

  private FlaggedWords words(String... lines) throws IOException {
    return FlaggedWords.read(Files.write(folder.resolve("words.txt"), List.of(lines)));
  }

  @ParameterizedTest
  @CsvSource({
    "'a b c d', 0",
    "'Darn it, darn', 0.66666666",
    "'darned', 0",
    "'what the heck is that', 0.4", // two words of five
    "'the what heck', 0.33333333",
    "'DÀRN', 1",
    "'', 0",
  })
  void countsWordsThatStandInEntries(String text, double share) throws IOException {
    assertThat(words("darn", "", "the heck", "heck").share(text)).isCloseTo(share, within(1e-6));
  }

  @Test
  void unspacedScriptsAreSearchedCharacterByCharacter() throws IOException {
    FlaggedWords words = words("赌博", "ギャンブル");
    assertThat(words.share("他去赌博了。")).isEqualTo(2 / 5.0);
    assertThat(words.share("博赌")).isZero();
    assertThat(words.share("新ギャンブル")).isEqualTo(5 / 6.0);
  }

  @Test
  void isNothingWithoutAFile() {
    assertThat(FlaggedWords.NONE.share("darn")).isNaN();
    assertThat(FlaggedWords.NONE.sha256()).isEmpty();
  }

  /** The longest entry at each place, from the left, on words as texts. */
  private static double plainShare(List<String> entries, String text) {
    List<List<String>> parts =
        entries.stream()
            .map(Words::of)
            .filter(words -> !words.isEmpty())
            .sorted(Comparator.comparing(words -> -words.size()))
            .toList();
    List<String> words = Words.of(text);
    int flagged = 0;
    for (int i = 0; i < words.size(); ) {
      int at = i;
      int length =
          parts.stream()
              .filter(part -> at + part.size() <= words.size())
              .filter(part -> words.subList(at, at + part.size()).equals(part))
              .mapToInt(List::size)
              .findFirst()
              .orElse(0);
      flagged += length;
      i += Math.max(1, length);
    }
    return words.isEmpty() ? 0 : (double) flagged / words.size();
  }

  @Test
  void sharesAreThoseOfThePlainSearch() throws IOException {
    var random = new Random(0);
    String[] alphabet = {"a", "B", "é", "赌", "博", " ", " ", "-", "\u1e9b\u0323"};
    for (int trial = 0; trial < 300; trial++) {
      List<String> entries = new ArrayList<>(List.of("a"));
      for (int i = random.nextInt(4); i >= 0; i--) {
        entries.add(text(random, alphabet, 5));
      }
      String text = text(random, alphabet, 40);
      assertThat(words(entries.toArray(String[]::new)).share(text))
          .as("%s in %s", entries, text)
          .isEqualTo(plainShare(entries, text));
    }
  }

  private static String text(Random random, String[] alphabet, int length) {
    var text = new StringBuilder();
    for (int i = random.nextInt(length); i >= 0; i--) {
      text.append(alphabet[random.nextInt(alphabet.length)]);
    }
    return text.toString();
  }

  @Test
  void filesThatAreNoListAreRefused() throws IOException {
    assertThatThrownBy(() -> FlaggedWords.read(folder.resolve("gone.txt")))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(
            "expected a text with a flagged word on each line here, found no file");
    assertThatThrownBy(() -> words("", " ... "))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("found 2 lines and no word");
    Path latin = Files.write(folder.resolve("latin"), "café".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> FlaggedWords.read(latin))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("UTF-8");
    assertThatThrownBy(() -> FlaggedWords.read(folder))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("found a folder");
  }
}
