package dev.whetstone.datasets.read;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SourceJsonTest {
  private static final List<String> SCALARS =
      List.of(
          "1e5",
          "-0.0",
          "1E+2",
          "12345678901234567890123",
          "0",
          "7",
          "1.10",
          "true",
          "null",
          "\"\"",
          "\"a\\u00e9\\/\\n\"",
          "\"\uD83D\uDE00 \\\"\"",
          "NaN");

  @Test
  void everyValueKeepsItsCharacters() throws BrokenRowException {
    for (long seed = 0; seed < 200; seed++) {
      var random = new Random(seed);
      String inner = random(random, 4);
      String text =
          "{\"before\": [" + random(random, 2) + "] ,\"k\":" + " ".repeat(random.nextInt(3));
      text +=
          inner
              + " , \"long\": \""
              + "x".repeat(random.nextInt(80_000))
              + "\", \"after\":"
              + inner
              + "}\n";
      var source = new SourceJson();
      JsonNode row = source.parse(text);
      for (String key : List.of("k", "after")) {
        assertThat(source.verbatim(row.get(key))).as("seed %d, %s", seed, key).isEqualTo(inner);
      }
    }
  }

  private static String random(Random random, int depth) {
    int kind = depth == 0 ? 0 : random.nextInt(3);
    String space = " ".repeat(random.nextInt(2));
    if (kind == 0) {
      return SCALARS.get(random.nextInt(SCALARS.size()));
    }
    var parts = new StringBuilder();
    int n = random.nextInt(4);
    for (int i = 0; i < n; i++) {
      parts.append(i == 0 ? space : space + ",\n");
      parts.append(kind == 1 ? "" : "\"k" + i + "\"" + space + ":" + space);
      parts.append(random(random, depth - 1));
    }
    return kind == 1 ? "[" + parts + space + "]" : "{" + parts + space + "}";
  }
}
