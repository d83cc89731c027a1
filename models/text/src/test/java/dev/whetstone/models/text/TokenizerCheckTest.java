package dev.whetstone.models.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import dev.whetstone.models.text.testing.TinyTokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each file would end the JVM, compute for ever or move tokens in silence. */
class TokenizerCheckTest {
  @TempDir Path folder;
  private ObjectNode json;

  @BeforeEach
  void tiny() {
    TinyTokenizer.write(folder);
    json = (ObjectNode) Json.read(folder.resolve("tokenizer.json"));
  }

  private void set(String place, String value) throws IOException {
    int end = place.lastIndexOf('/');
    var parent = json.at(place.substring(0, end));
    JsonNode tree = Json.mapper().readTree(value);
    if (parent.isArray()) {
      ((com.fasterxml.jackson.databind.node.ArrayNode) parent)
          .set(Integer.parseInt(place.substring(end + 1)), tree);
    } else {
      ((ObjectNode) parent).set(place.substring(end + 1), tree);
    }
  }

  private Tokenizer open() {
    return Tokenizer.of(
        Json.line(json).getBytes(StandardCharsets.UTF_8), Json.mapper().createObjectNode());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "/model; []; expected an object for model",
        "/model/type; \"?\"; known: BPE, Unigram",
        "/model/vocab; {}; expected an object of tokens",
        "/model/vocab/!; 1e99; the id of token \"!\"",
        "/model/vocab/!; -1; from 0 to",
        "/model/vocab/!; 7; two tokens of model.vocab have the id 7",
        "/model/vocab/!; 4294967295; the id of token",
        "/model/dropout; 0.5; no model.dropout",
        "/model/merges/0; \"a  b\"; expected two tokens",
        "/model/merges/1; [\"t\", \"h\"]; expected two tokens",
        "/model/merges/0; \"zz z\"; needs the token \"zz\"",
        "/model/continuing_subword_prefix; \"##\"; to begin with continuing_subword_prefix",
        "/model/unk_token; 5; a text for model.unk_token",
        "/added_tokens; {}; expected a list for added_tokens",
        "/added_tokens/0/id; 5000; the vocabulary makes it",
        "/added_tokens/0/content; \"\"; tokens of 1 to 4096 characters",
        "/added_tokens/0/special; 1; true or false",
        "/added_tokens/1/content; \"<|endoftext|>\"; occurs twice",
        "/normalizer; {\"type\": \"Precompiled\", \"precompiled_charsmap\": \"%\"}; base64",
        "/normalizer; {\"type\": \"Precompiled\", \"precompiled_charsmap\": \"//8AAA==\"}; whole"
            + " units",
        "/normalizer; {\"type\": \"Replace\", \"pattern\": {\"String\": \"\"}, \"content\": \"x\"};"
            + " a pattern",
        "/normalizer; {\"type\": \"Mystery\"}; unknown kind \"Mystery\"; known: BertNormalizer",
        "/pre_tokenizer; {\"type\": \"FixedLength\", \"length\": 0}; above 0",
        "/pre_tokenizer; {\"type\": \"CharDelimiterSplit\", \"delimiter\": \"ab\"}; one character",
        "/post_processor; {\"type\": \"TemplateProcessing\", \"single\": [{\"SpecialToken\":"
            + " {\"id\": \"q\", \"type_id\": 0}}], \"pair\": [], \"special_tokens\": {}}; a token"
            + " of special_tokens",
        "/post_processor; {\"type\": \"TemplateProcessing\", \"single\": [{\"Sequence\": {\"id\":"
            + " \"B\", \"type_id\": 0}}], \"pair\": [], \"special_tokens\": {}}; expected the text",
        "/post_processor; {\"type\": \"TemplateProcessing\", \"single\": [], \"pair\": [],"
            + " \"special_tokens\": {\"q\": {\"id\": \"q\", \"ids\": [9999], \"tokens\":"
            + " [\"q\"]}}}; an integer from 0 to",
        "/decoder; {\"type\": \"Strip\", \"content\": \" \", \"start\": 0, \"stop\": 1}; from 0 to"
            + " 0",
      })
  void aDangerousFileIsRefusedWithItsPlace(String place, String value, String said)
      throws IOException {
    set(place, value);
    assertThatThrownBy(this::open)
        .isInstanceOf(BadInputException.class)
        .hasMessageStartingWith("tokenizer.json: ")
        .hasMessageContaining(said);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(a+)+$",
        "(a|b*)*",
        "((ab)+c)+",
        "(a)\\1",
        "(?<n>a)\\g<n>",
        "a*b*c*d*",
        "(a{1000}){1000}",
        "a{99999}",
        "(?~ab)",
        "(*FAIL)",
        "[a",
        "a)",
        "(a",
        "*a",
        "a\\",
        "(?i",
        "(?x)#[\n(a+)+#]",
        "\\c[(a+)+]",
        "[[:a]](b+)+[:]",
      })
  void aPatternThatCouldRunForEverIsRefused(String pattern) throws IOException {
    set("/pre_tokenizer", Json.line(TokenizerJson.split(pattern)));
    assertThatThrownBy(this::open)
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("pre_tokenizer.pattern");
  }

  /** Of GPT-2, Llama 3, Qwen 2, o200k, DeepSeek V3, SuperBPE, GLM 4, CLIP, Jais 2. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
        "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r"
            + "\\n"
            + "\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r"
            + "\\n"
            + "]*|\\s*[\\r"
            + "\\n"
            + "]+|\\s+(?!\\S)|\\s+",
        "[^\\r"
            + "\\n"
            + "\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}|"
            + " ?[^\\s\\p{L}\\p{N}]+[\\r"
            + "\\n"
            + "/]*|\\s*[\\r"
            + "\\n"
            + "]+",
        "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r"
            + "\\n"
            + "\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+",
        "(?=(\\d{3})+(?!\\d))",
        "\\d{1,3}(?=(?:\\d{3})*\\b)",
        "[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*",
        "\\s{512}(?!\\S)|\\s{1,2}(?!\\S)|\\s{1}",
        "[一-龥぀-ゟ゠-ヿ]+",
        "(?<=a)b|{|a{,}|[[:alpha:]&&[^x]]+",
      })
  void patternsInUseAreTaken(String pattern) throws IOException {
    set("/pre_tokenizer", Json.line(TokenizerJson.split(pattern)));
    assertThatCode(() -> open().close()).doesNotThrowAnyException();
  }

  @Test
  void replacementsThatWouldFillTheMemoryAreRefused() throws IOException {
    String replace =
        "{\"type\": \"Replace\", \"pattern\": {\"String\": \"a\"}, \"content\": \"aaaa\"}";
    set(
        "/normalizer",
        "{\"type\": \"Sequence\", \"normalizers\": [%s%s]}"
            .formatted(replace, (", " + replace).repeat(40)));
    assertThatThrownBy(this::open).hasMessageContaining("at most 1000 times longer");
    set("/normalizer", "null");
    set(
        "/decoder",
        "{\"type\": \"Sequence\", \"decoders\": [%s%s]}"
            .formatted(replace, (", " + replace).repeat(40)));
    assertThatThrownBy(this::open).hasMessageContaining("at most 1000 times longer");
    set("/decoder", "null");
    set("/normalizer", "{\"type\": \"Sequence\", \"normalizers\": [".repeat(9) + "]}".repeat(9));
    assertThatThrownBy(this::open).hasMessageContaining("nested at most 4 deep");
  }

  @Test
  void aTrieThatLeadsOutOfItselfIsRefused() {
    byte[] map = new byte[4 + 1024 + 1];
    map[1] = 4; // 1024 bytes of trie
    assertThatCode(() -> Charsmap.check(Base64.getEncoder().encodeToString(map)))
        .doesNotThrowAnyException();
    map[6] = 1; // an offset of 64 in the first unit
    map[7] = 1;
    assertThatThrownBy(() -> Charsmap.check(Base64.getEncoder().encodeToString(map)))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("stay within it");
    byte[] endless = new byte[4 + 1024 + 400];
    endless[1] = 4;
    java.util.Arrays.fill(endless, 4 + 1024, endless.length, (byte) 'a');
    assertThatThrownBy(() -> Charsmap.check(Base64.getEncoder().encodeToString(endless)))
        .hasMessageContaining("at most 256 bytes");
  }

  @Test
  void truncationAndPaddingOfAFileAreLeftOut() throws IOException {
    set(
        "/truncation",
        "{\"max_length\": 2, \"stride\": 9, \"strategy\": \"LongestFirst\", \"direction\":"
            + " \"Right\"}");
    try (Tokenizer tokenizer = open()) {
      assertThat(tokenizer.encode("xyxyxy", true)).hasSize(6);
    }
  }

  @Test
  void halfASurrogatePairIsNoToken() {
    String spoilt = Json.line(json).replace(TinyTokenizer.END_OF_TEXT, "\\ud800");
    assertThatThrownBy(
            () ->
                Tokenizer.of(
                    spoilt.getBytes(StandardCharsets.UTF_8), Json.mapper().createObjectNode()))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("half a surrogate pair");
  }

  @Test
  void aTextWithoutTokensIsASentence() throws IOException {
    set("/model", "{\"type\": \"Unigram\", \"vocab\": [[\"a\", -1.5], [\"b\", -2]]}");
    set("/pre_tokenizer", "null");
    set("/decoder", "null");
    set("/added_tokens", "[]");
    try (Tokenizer tokenizer = open()) {
      assertThat(tokenizer.encode("ab", true)).containsExactly(0, 1);
      assertThat(tokenizer.vocabularySize()).isEqualTo(2);
      assertThat(tokenizer.tokenText(1)).isEqualTo("b");
      assertThatThrownBy(() -> tokenizer.encode("abc", true))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("cannot encode \"abc\"");
    }
  }
}
