package dev.whetstone.models.engine.generation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.whetstone.models.text.Tokenizer;
import dev.whetstone.models.text.testing.TinyTokenizer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextStreamTest {
  private static final String[] PIECES = {
    "the ", " the", "a", "ab", "é", "中文", "😀", "\n", "\n\n", "Q:", "STOP", "ST", "O", "1"
  };

  @TempDir private Path folder;

  /** Single bytes, so that every character of more than one is split. */
  private static int[] bytes(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int[] tokens = new int[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      tokens[i] = bytes[i] & 0xFF; // a tiny tokenizer's ids
    }
    return tokens;
  }

  @Test
  void piecesPutTogetherAreTheText() {
    TinyTokenizer.write(folder);
    try (Tokenizer tokenizer = Tokenizer.open(folder)) {
      for (long seed = 0; seed < 500; seed++) {
        var random = new Random(seed);
        var whole = new StringBuilder();
        while (whole.length() < 30) {
          whole.append(PIECES[random.nextInt(PIECES.length)]);
        }
        int kind = random.nextInt(3);
        int[] tokens =
            switch (kind) {
              case 0 -> tokenizer.encode(whole.toString(), false);
              case 1 -> bytes(whole.toString());
              default -> random.ints(40, 0, TinyTokenizer.vocabularySize()).toArray();
            };
        List<String> stop =
            random.nextBoolean() ? List.of() : List.of("STOP", "\n\n", "ab中", "😀😀");
        var stream = new TextStream(window -> tokenizer.decode(window, true), stop);
        var told = new ArrayList<String>();
        String text = "";
        int taken = 0;
        while (taken < tokens.length && stop.stream().noneMatch(text::contains)) {
          told.add(stream.add(tokens[taken++]));
          text = tokenizer.decode(Arrays.copyOf(tokens, taken), true);
        }
        for (String end : stop) {
          text = text.contains(end) ? text.substring(0, text.indexOf(end)) : text;
        }
        for (String piece : told) {
          // Random tokens are no characters at all, and stay none.
          assertThat(kind < 2 && piece.contains("\uFFFD")).as("seed %d", seed).isFalse();
          assertThat(
                  piece.isEmpty() || !Character.isHighSurrogate(piece.charAt(piece.length() - 1)))
              .as("seed %d: %s", seed, piece)
              .isTrue();
        }
        told.add(stream.end(text));
        assertThat(String.join("", told)).as("seed %d", seed).isEqualTo(text);
      }
    }
  }

  @Test
  void whatMayBecomeAStopStringIsHeldBackAndTheRestIsNot() {
    var stream = new TextStream(TextStreamTest::latin, List.of("aab", "b!"));
    assertThat(pieces(stream, "xaaaaca")).containsExactly("x", "", "", "a", "a", "aac", "");
    assertThat(stream.end("xaaaaca")).isEqualTo("a");
  }

  @Test
  void nothingIsToldAfterAStopString() {
    var stream = new TextStream(TextStreamTest::latin, List.of("aab"));
    assertThat(pieces(stream, "xaab")).containsExactly("x", "", "", "");
    assertThat(stream.end("x")).isEmpty();
  }

  private static List<String> pieces(TextStream stream, String characters) {
    return characters.chars().mapToObj(stream::add).toList();
  }

  private static String latin(int[] tokens) {
    return new String(tokens, 0, tokens.length);
  }
}
