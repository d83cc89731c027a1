package dev.whetstone.eval.python;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Expected texts are CPython 3.11.7's. */
class PythonTextTest {
  @ParameterizedTest
  @CsvSource({
    "0.0001, 0.0001",
    "0.00001, 1e-05",
    "1e16, 1e+16",
    "123456789012345.0, 123456789012345.0",
    "2e23, 2e+23",
    "1e-323, 1e-323",
    "-41.902435302734375, -41.902435302734375",
    "0.1, 0.1",
    "-0.0, -0.0",
    "100, 100.0"
  })
  void floatsPrintAsInPython(double value, String text) {
    assertThat(PythonText.number(value)).isEqualTo(text);
  }

  @Test
  void aPrintedFloatReadsBackEqual() {
    var random = new Random(1);
    for (int i = 0; i < 2000; i++) {
      double value = Double.longBitsToDouble(random.nextLong());
      if (Double.isFinite(value)) {
        assertThat(Double.parseDouble(PythonText.number(value))).as("%d", i).isEqualTo(value);
      }
    }
  }

  @Test
  void valuesPrintAsInPython() {
    var map = new LinkedHashMap<String, Object>();
    map.put("a", null);
    map.put("b", List.of(1L, 2.0, true));
    assertThat(PythonText.str(map)).isEqualTo("{'a': None, 'b': [1, 2.0, True]}");
    assertThat(PythonText.str(Arrays.asList("it's", "\"q\"", "both '\"", "\n\u0001\u00a0é😀")))
        .isEqualTo("[\"it's\", '\"q\"', 'both \\'\"', '\\n\\x01\\xa0é😀']");
    assertThat(PythonText.str("as it is")).isEqualTo("as it is");
  }

  @Test
  void whiteSpaceIsUnicodes() {
    assertThat(PythonText.strip("\u00a0 \u2007x\u0085\n")).isEqualTo("x");
    assertThat(PythonText.rstrip(" x \u202f")).isEqualTo(" x");
  }

  @Test
  void jsonIsPythons() {
    Map<String, Object> value = new LinkedHashMap<>();
    value.put("text", "a\"\\/\n\u0001é\u007f");
    value.put("list", List.of());
    value.put("nested", List.of(1.5, Map.of("x", 1e-5)));
    assertThat(PythonJson.line(value))
        .isEqualTo(
            "{\"text\": \"a\\\"\\\\/\\n\\u0001é\u007f\", \"list\": [], \"nested\": [1.5, {\"x\":"
                + " 1e-05}]}");
    assertThat(PythonJson.indented(Map.of("a", List.of(1L, List.of()))))
        .isEqualTo("{\n  \"a\": [\n    1,\n    []\n  ]\n}");
  }

  @Test
  void findAllGivesGroupsAsPythonDoes() {
    assertThat(new PythonPattern("[0-9]+").findAll("a1b22"))
        .containsExactly(List.of("1"), List.of("22"));
    assertThat(new PythonPattern("(a)|(b)").findAll("ba"))
        .containsExactly(List.of("", "b"), List.of("a", ""));
    assertThat(new PythonPattern(".$").findAll("a\rb")).containsExactly(List.of("b"));
    assertThat(new PythonPattern("(?s).*#### ").delete("x\ny #### 4")).isEqualTo("4");
  }
}
