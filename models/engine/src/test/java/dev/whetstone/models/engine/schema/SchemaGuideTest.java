package dev.whetstone.models.engine.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SchemaGuideTest {
  private static final int END = 256;
  private static final String TEXT =
      "{\"größe\": [1, -2.5e3], \"名\":\"é中😀\\u00e9\\n\"}\n   true null";

  /** Every byte, an end, and pieces of text that are cut anywhere, within characters too. */
  private static List<byte[]> tokens(Random random) {
    var tokens = new ArrayList<byte[]>();
    for (int b = 0; b < 256; b++) {
      tokens.add(new byte[] {(byte) b});
    }
    tokens.add(new byte[0]);
    byte[] text = TEXT.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < 200; i++) {
      int from = random.nextInt(text.length);
      int length = Math.min(text.length - from, 1 + random.nextInt(6));
      byte[] piece = new byte[length];
      System.arraycopy(text, from, piece, 0, length);
      tokens.add(piece);
    }
    return tokens;
  }

  private static JsonNode json(String text) {
    try {
      return Json.mapper().readTree(text);
    } catch (JsonProcessingException e) {
      throw new AssertionError(text, e);
    }
  }

  private static String strictly(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new AssertionError("not UTF-8", e);
    }
  }

  @Test
  void whateverAModelSaysTheTextIsValid() {
    int complete = 0;
    for (long seed = 0; seed < 600; seed++) {
      var random = new Random(seed);
      JsonNode schema = RandomSchemas.of(seed);
      List<byte[]> tokens = tokens(random);
      var guide =
          new SchemaGuide(JsonSchema.of(schema, "random"), new Vocabulary(tokens, Set.of(END)));
      for (int text = 0; text < 3; text++) {
        var written = new ByteArrayOutputStream();
        if (write(guide.begin(), tokens, random, written)) {
          complete++;
          String document = strictly(written.toByteArray());
          assertThat(new NaiveValidation(schema).isValid(json(document)))
              .as("seed %d: %s against %s", seed, document, schema)
              .isTrue();
        }
      }
    }
    assertThat(complete).as("texts that were not cut").isGreaterThan(1500);
  }

  /** A random model's text; whether it came to an end. After a while it prefers what closes. */
  private static boolean write(
      SchemaGuide.Text text, List<byte[]> tokens, Random random, ByteArrayOutputStream written) {
    for (int step = 0; step < 3000 && !text.isOver(); step++) {
      int[] allowed = text.allowed().stream().toArray();
      assertThat(allowed).as("after %s", written).isNotEmpty();
      int token = allowed[random.nextInt(allowed.length)];
      if (step > 40) {
        token =
            IntStream.of(allowed)
                .filter(one -> one == END || "\"}]".indexOf(tokens.get(one)[0]) >= 0)
                .findFirst()
                .orElse(token);
      }
      if (token == END) {
        assertThat(text.isDocument()).isTrue();
        return true;
      }
      text.add(token);
      written.writeBytes(tokens.get(token));
    }
    return text.isOver();
  }

  @Test
  void theTokensThatMayComeAreThoseThatMayComeByteByByte() {
    for (long seed = 0; seed < 60; seed++) {
      var random = new Random(seed);
      List<byte[]> tokens = tokens(random);
      var vocabulary = new Vocabulary(tokens, Set.of(END));
      JsonSchema.Documents documents = JsonSchema.of(RandomSchemas.of(seed), "random").documents();
      Terms.Term state = documents.start();
      for (int step = 0; step < 30 && state != documents.terms().empty; step++) {
        var expected = new BitSet();
        for (int token = 0; token < tokens.size(); token++) {
          Terms.Term after = state;
          for (byte one : tokens.get(token)) {
            after = after.after(one & 0xFF);
          }
          boolean fits = token == END ? state.isNullable() : after != documents.terms().nothing;
          expected.set(token, fits);
        }
        BitSet allowed = vocabulary.allowed(state, documents.terms());
        assertThat(allowed).as("seed %d, step %d", seed, step).isEqualTo(expected);
        int[] choices = allowed.stream().filter(token -> token != END).toArray();
        state = vocabulary.after(state, choices[random.nextInt(choices.length)]);
      }
    }
  }

  private static boolean accepts(String schema, String document) {
    JsonSchema.Documents documents = JsonSchema.parse(schema, "test").documents();
    Terms.Term state = documents.start();
    for (byte one : document.getBytes(StandardCharsets.UTF_8)) {
      state = state.after(one & 0xFF);
    }
    return state.isNullable();
  }

  @Test
  void documentsMayBeSpacedAsProgramsWriteThem() {
    String schema =
        """
        {"type": "object", "required": ["id"], "properties": {
          "id": {"type": "integer"},
          "tags": {"type": "array", "items": {"type": "string"}},
          "size": {"type": ["number", "null"]}}}
        """;
    JsonNode document = json("{\"id\": 7, \"tags\": [\"a\", \"é\\n\"], \"size\": -0.25e+2}");
    assertThat(accepts(schema, document.toString())).isTrue();
    assertThat(accepts(schema, Json.pretty(document).strip())).isTrue();
    assertThat(accepts(schema, "{\"id\": 7, \"tags\": [\"a\", \"b\"]}")).isTrue();
    assertThat(accepts(schema, "{\"id\":0,\"size\":null}")).isTrue();
    assertThat(accepts(schema, "{\"tags\":[]}")).as("id is required").isFalse();
    assertThat(accepts(schema, "{\"id\":07}")).isFalse();
    assertThat(accepts(schema, "{\"id\":1,}")).isFalse();
    assertThat(accepts(schema, "{\"id\":1,\"other\":2}")).isFalse();
    assertThat(accepts(schema, "{\"id\":1}\n")).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"type\":\"string\",\"maxLength\":2} | \"é😀\"       | true",
        "{\"type\":\"string\",\"maxLength\":2} | \"abc\"       | false",
        "{\"type\":\"string\",\"minLength\":2} | \"\\u00e9\"   | false",
        "{\"type\":\"string\",\"minLength\":1} | \"\\u00e9\"   | true",
        "{\"type\":\"string\"}                 | \"\\ud83d\"   | false",
        "{\"type\":\"string\"}                 | \"\\x\"       | false",
        "{\"type\":\"integer\"}                | -12           | true",
        "{\"type\":\"integer\"}                | 1.0           | false",
        "{\"type\":\"number\"}                 | 1.            | false",
        "{\"type\":\"number\"}                 | 6.02e23       | true",
        "{\"enum\":[\"a\",1,null]}             | 1             | true",
        "{\"enum\":[\"a\",1,null]}             | 2             | false",
        "{\"const\":{\"a\":[1,true]}}          | {\"a\":[1,true]} | true",
      })
  void theEdgesAreRfc8259s(String schema, String document, boolean valid) {
    assertThat(accepts(schema, document)).isEqualTo(valid);
  }

  @Test
  void aPartMayReferToItselfUpToADepth() {
    String tree =
        """
        {"$ref": "#/$defs/node", "$defs": {"node": {"type": "object", "required": ["children"],
          "properties": {"children": {"type": "array", "items": {"$ref": "#/$defs/node"}}}}}}
        """;
    int most = Compilation.MAX_REFERENCES;
    String open = "{\"children\":[";
    assertThat(accepts(tree, open.repeat(most) + "]}".repeat(most))).isTrue();
    assertThat(accepts(tree, open.repeat(most + 1) + "]}".repeat(most + 1))).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"type\":\"string\",\"pattern\":\"a\"}  | not supported: #/pattern; supported: type"
            + " (object",
        "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\",\"minimum\":0}}} |"
            + " not supported: #/properties/a/minimum; supported",
        "{\"oneOf\":[]}                           | #: expected one of array, boolean, integer",
        "{\"type\":\"strin\"}                     | found \"strin\"",
        "true                                     | #: expected a schema, an object, found true",
        "{\"type\":\"array\"}                     | #: expected items",
        "{\"type\":\"object\",\"additionalProperties\":true} | expected false, found true",
        "{\"type\":\"object\",\"required\":[\"a\"]} | #/required: \"a\" is not among its"
            + " properties",
        "{\"type\":\"string\",\"minLength\":3,\"maxLength\":2} | minLength 3 exceeds maxLength 2",
        "{\"type\":\"string\",\"minLength\":-1}   | #/minLength: expected a whole number",
        "{\"$ref\":\"other.json\"}                | #/$ref: expected a part of the schema itself",
        "{\"$ref\":\"#/$defs/x\"}                 | found \"#/$defs/x\"",
        "{\"$ref\":\"#\"}                         | no document of at most 32 references",
        "{\"enum\":[]}                            | #/enum: expected a list of values",
        "{\"type\":\"string\",\"enum\":[1]}       | #: 1 is not of type string",
        "{\"type\":                               | not the JSON that was expected",
      })
  void whatIsNotSupportedIsNamed(String schema, String sentence) {
    assertThatThrownBy(() -> JsonSchema.parse(schema, "order.json"))
        .isInstanceOf(BadInputException.class)
        .hasMessageStartingWith("order.json: ")
        .hasMessageContaining(sentence);
  }

  @Test
  void aVocabularyWithoutABracketIsRefused() {
    List<byte[]> tokens = tokens(new Random(1)).subList(0, '{');
    var vocabulary = new Vocabulary(tokens, Set.of());
    var schema = JsonSchema.parse("{\"type\":\"object\"}", "test");
    assertThatThrownBy(() -> new SchemaGuide(schema, vocabulary))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("4 are none, the first 0x7b");
  }
}
