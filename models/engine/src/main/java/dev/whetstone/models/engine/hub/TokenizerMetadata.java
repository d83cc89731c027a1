package dev.whetstone.models.engine.hub;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.models.text.SentencePieces.Kind;
import dev.whetstone.models.text.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * The metadata of a GGUF file that make its tokenizer, from a model folder: what {@link
 * GgufTokenizer} reads. Byte-level BPE with a known {@link SplittingRule}, and SentencePiece.
 *
 * <p>As llama.cpp's converter (conversion/base.py, get_vocab_base), ids without a token become
 * {@code [PAD<id>]}. Where it differs: there a token that looks special is a control token; here
 * {@code tokenizer.json} says which are. Scores of SentencePiece are not in a {@code
 * tokenizer.json}: there all are -1000 (gguf-py, vocab.py, LlamaHfVocab); here the order of the
 * merges, which is all that they are for. llama.cpp puts its space before every part of a text that
 * follows a special token; SentencePiece in newer transformers only before the first, which
 * standard error then tells.
 */
final class TokenizerMetadata {
  /** Ends of a turn beside EOS, by the keys that llama.cpp has for them. */
  private static final List<String> MORE_ENDS = List.of("eot", "eom");

  private static final String BYTE = "<0x[0-9A-F]{2}>";

  /** Texts on which the tokenizer of the file has to agree with the folder's. */
  private static final List<String> PROBES =
      List.of(
          "a",
          " Hello,  world!\n\n\tI'll pay $1,234.50 for 3 x 4'000 — isn't it?   ",
          "Größe naïve Ünï; 命令は日本語、한국어. Привет мир 🚀👩‍👩‍👧 123456789",
          "def f(x):\n    return {\"a\": [1, 2.5e-3], 'b': x != None}  # TODO\r\n");

  private static final int SPECIAL_PROBES = 20;

  private final ModelFolder model;
  private final Path file;
  private final JsonNode json;
  private final Map<String, Object> metadata = new LinkedHashMap<>();
  private final Map<Integer, String> texts = new HashMap<>();
  private final Map<Integer, Kind> kinds = new HashMap<>();

  private TokenizerMetadata(ModelFolder model) {
    this.model = model;
    this.file = model.tokenizerFile();
    this.json = Json.read(file);
  }

  /**
   * @param vocabulary V of the model: so many tokens are written
   * @param ends every token that ends a text or a turn
   * @throws BadInputException if GGUF has no words for the tokenizer
   */
  static Map<String, Object> of(ModelFolder model, int vocabulary, Set<Integer> ends) {
    var made = new TokenizerMetadata(model);
    try (Tokenizer tokenizer = Tokenizer.open(model.path())) {
      made.describe(vocabulary);
      made.specialTokens(tokenizer, ends);
      made.around(tokenizer);
      model.chatTemplate().ifPresent(text -> made.metadata.put("tokenizer.chat_template", text));
      made.compare(tokenizer);
    }
    return made.metadata;
  }

  private void describe(int vocabulary) {
    JsonNode bpe = json.path("model");
    if (!bpe.path("type").asText().equals("BPE")) {
      throw refused("its kind is " + bpe.path("type"));
    }
    boolean pieces = bpe.path("byte_fallback").asBoolean(false);
    bpe.path("vocab")
        .properties()
        .forEach(
            token -> {
              boolean isByte = pieces && token.getKey().matches(BYTE);
              put(token.getValue().asInt(), token.getKey(), isByte ? Kind.BYTE : Kind.NORMAL);
            });
    for (JsonNode token : json.path("added_tokens")) {
      boolean special = token.path("special").asBoolean(false);
      put(
          token.path("id").asInt(),
          token.path("content").asText(),
          special ? Kind.CONTROL : Kind.USER_DEFINED);
    }
    if (texts.keySet().stream().anyMatch(id -> id < 0 || id >= vocabulary)) {
      throw refused("it has token ids beyond the model's vocabulary of " + vocabulary);
    }
    var tokens = new ArrayList<String>();
    for (int id = 0; id < vocabulary; id++) {
      tokens.add(texts.getOrDefault(id, "[PAD" + id + "]"));
    }
    if (pieces) {
      sentencePieces(bpe, tokens);
    } else {
      byteLevel(bpe, tokens);
    }
    var numbers = new ArrayList<Long>();
    for (int id = 0; id < vocabulary; id++) {
      numbers.add((long) kinds.getOrDefault(id, Kind.UNUSED).number());
    }
    metadata.put("tokenizer.ggml.token_type", numbers);
  }

  private void put(int id, String text, Kind kind) {
    texts.put(id, text);
    kinds.put(id, kind);
  }

  private void byteLevel(JsonNode bpe, List<String> tokens) {
    SplittingRule rule =
        SplittingRule.of(json)
            .orElseThrow(
                () ->
                    refused(
                        "its pre_tokenizer and normalizer are none of the rules "
                            + SplittingRule.known()));
    metadata.put("tokenizer.ggml.model", "gpt2");
    metadata.put("tokenizer.ggml.pre", rule.key());
    metadata.put("tokenizer.ggml.tokens", tokens);
    List<String> merges = merges(bpe).stream().map(pair -> String.join(" ", pair)).toList();
    if (merges.isEmpty()) {
      throw refused("it has no merges");
    }
    metadata.put("tokenizer.ggml.merges", merges);
  }

  private static List<List<String>> merges(JsonNode bpe) {
    var merges = new ArrayList<List<String>>();
    for (JsonNode merge : bpe.path("merges")) {
      merges.add(
          merge.isTextual()
              ? List.of(merge.textValue().split(" ", 2))
              : List.of(merge.path(0).asText(), merge.path(1).asText()));
    }
    return merges;
  }

  private void sentencePieces(JsonNode bpe, List<String> tokens) {
    String unknown = bpe.path("unk_token").asText("");
    texts.forEach(
        (id, text) -> {
          if (text.equals(unknown)) {
            kinds.put(id, Kind.UNKNOWN);
          }
        });
    var ranks = new HashMap<String, Integer>();
    for (List<String> pair : merges(bpe)) {
      ranks.putIfAbsent(String.join("", pair), ranks.size());
    }
    metadata.put("tokenizer.ggml.model", "llama");
    metadata.put("tokenizer.ggml.pre", "default");
    metadata.put("tokenizer.ggml.tokens", tokens);
    metadata.put(
        "tokenizer.ggml.scores",
        tokens.stream().map(token -> -(double) ranks.getOrDefault(token, ranks.size())).toList());
    String steps = json.path("normalizer") + " " + json.path("pre_tokenizer");
    metadata.put(
        "tokenizer.ggml.add_space_prefix",
        steps.contains("\"Prepend\"")
            || (steps.contains("\"Metaspace\"")
                && !steps.contains("\"never\"")
                && !steps.contains("\"add_prefix_space\":false")));
    metadata.put("tokenizer.ggml.remove_extra_whitespaces", steps.contains("{2,}"));
  }

  private void specialTokens(Tokenizer tokenizer, Set<Integer> ends) {
    putId("bos", tokenizer.bos());
    OptionalInt eos = tokenizer.eos();
    if (eos.isEmpty() && !ends.isEmpty()) {
      eos = OptionalInt.of(new TreeSet<>(ends).first());
    }
    putId("eos", eos);
    var more = new TreeSet<>(ends);
    eos.ifPresent(more::remove);
    more.retainAll(texts.keySet());
    for (String name : MORE_ENDS) {
      putId(name, more.isEmpty() ? OptionalInt.empty() : OptionalInt.of(more.pollFirst()));
    }
    if (!more.isEmpty()) {
      System.err.printf(
          "%s: GGUF names three tokens that end a turn, the model has more; left out: %s.%n",
          model.path(), more);
    }
    JsonNode unknown = model.tokenizerConfig().path("unk_token");
    String text = unknown.isObject() ? unknown.path("content").asText() : unknown.asText("");
    texts.entrySet().stream()
        .filter(token -> token.getValue().equals(text))
        .findFirst()
        .ifPresent(token -> putId("unknown", OptionalInt.of(token.getKey())));
    putId("padding", tokenizer.pad());
  }

  private void putId(String name, OptionalInt id) {
    id.ifPresent(token -> metadata.put("tokenizer.ggml." + name + "_token_id", (long) token));
  }

  /** Whether BOS and EOS go around a text. */
  private void around(Tokenizer tokenizer) {
    int[] bare = tokenizer.encode("a", false);
    int[] whole = tokenizer.encode("a", true);
    int[] bos = tokenizer.bos().stream().toArray();
    int[] eos = tokenizer.eos().stream().toArray();
    boolean begins = whole.length > bare.length && bos.length > 0 && whole[0] == bos[0];
    boolean ends = whole.length == bare.length + (begins ? 2 : 1);
    var expected = new ArrayList<Integer>();
    Arrays.stream(begins ? bos : new int[0]).forEach(expected::add);
    Arrays.stream(bare).forEach(expected::add);
    Arrays.stream(ends ? eos : new int[0]).forEach(expected::add);
    if (!expected.equals(Arrays.stream(whole).boxed().toList())) {
      throw refused("it adds other tokens than BOS and EOS to a text");
    }
    metadata.put("tokenizer.ggml.add_bos_token", begins);
    metadata.put("tokenizer.ggml.add_eos_token", ends);
  }

  /** What is made of these metadata has to cut texts as the folder's tokenizer does. */
  private void compare(Tokenizer tokenizer) {
    try (Tokenizer made = new GgufTokenizer(new GgufMetadata(metadata, file)).open()) {
      for (String probe : PROBES) {
        if (!agree(tokenizer, made, probe)) {
          throw refused("written as GGUF, it would cut \"%s\" into other tokens".formatted(probe));
        }
      }
      boolean pieces = metadata.get("tokenizer.ggml.model").equals("llama");
      for (String probe : specialProbes()) {
        if (!agree(tokenizer, made, probe) && !pieces) {
          throw refused("written as GGUF, it would cut \"%s\" into other tokens".formatted(probe));
        }
        if (!agree(tokenizer, made, probe)) {
          System.err.printf(
              "%s: written as GGUF, it cuts \"%s\" into other tokens: llama.cpp puts a space behind"
                  + " special tokens.%n",
              file, probe);
          break;
        }
      }
    }
  }

  private static boolean agree(Tokenizer one, Tokenizer other, String text) {
    return Arrays.equals(encoded(one, text), encoded(other, text));
  }

  /** Texts around some special tokens. */
  private List<String> specialProbes() {
    return kinds.entrySet().stream()
        .filter(token -> token.getValue() == Kind.CONTROL)
        .map(token -> texts.get(token.getKey()))
        .sorted()
        .limit(SPECIAL_PROBES)
        .map(text -> text + "12" + text)
        .toList();
  }

  private static int[] encoded(Tokenizer tokenizer, String text) {
    try {
      return tokenizer.encode(text, true);
    } catch (BadInputException e) {
      return new int[0]; // a tokenizer without bytes has no token for some character
    }
  }

  private BadInputException refused(String reason) {
    return new BadInputException(
        "%s: this tokenizer cannot be written as GGUF: %s. Write safetensors-bf16 instead."
            .formatted(file, reason));
  }
}
