package dev.whetstone.models.text;

import static dev.whetstone.models.text.TokenizerCheck.fault;
import static dev.whetstone.models.text.TokenizerCheck.isNone;
import static dev.whetstone.models.text.TokenizerCheck.need;
import static dev.whetstone.models.text.TokenizerCheck.quoted;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.BadInputException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The part of {@link TokenizerCheck} for what stands around a model: normalizer, pre-tokenizer,
 * post-processor and decoder. Each is of a known kind, its dangerous fields are within bounds, and
 * all together are few.
 */
final class TokenizerParts {
  private static final int MAX_PARTS = 64;
  private static final int MAX_DEPTH = 4;
  static final int MAX_TEXT_CHARACTERS = 256;

  /** By how many times a normalizer or a decoder may make a text longer; NFKD does by 18. */
  private static final long MAX_GROWTH = 1000;

  /** Kinds by place, with those fields that are checked here. */
  private static final Map<String, Map<String, Set<Field>>> KINDS =
      Map.of(
          "normalizer",
          kinds("BertNormalizer Strip StripAccents NFC NFD NFKC NFKD Lowercase Nmt ByteLevel")
              .and("Precompiled", Field.CHARSMAP)
              .and("Replace", Field.PATTERN, Field.CONTENT)
              .and("Prepend", Field.PREPEND)
              .and("Sequence", Field.NORMALIZERS)
              .kinds,
          "pre_tokenizer",
          kinds("BertPreTokenizer ByteLevel Whitespace WhitespaceSplit UnicodeScripts Digits")
              .and("CharDelimiterSplit", Field.DELIMITER)
              .and("Metaspace", Field.REPLACEMENT)
              .and("Punctuation")
              .and("Split", Field.PATTERN)
              .and("FixedLength", Field.LENGTH)
              .and("Sequence", Field.PRETOKENIZERS)
              .kinds,
          "post_processor",
          kinds("RobertaProcessing BertProcessing ByteLevel")
              .and("TemplateProcessing", Field.TEMPLATE)
              .and("Sequence", Field.PROCESSORS)
              .kinds,
          "decoder",
          kinds("BPEDecoder ByteLevel WordPiece CTC Fuse ByteFallback")
              .and("Metaspace", Field.REPLACEMENT)
              .and("Replace", Field.PATTERN, Field.CONTENT)
              .and("Strip", Field.STRIP)
              .and("Sequence", Field.DECODERS)
              .kinds);

  private final int maxId;
  private int parts;
  private long growth = 1;

  /** {@code maxId}: largest id of a token. */
  TokenizerParts(int maxId) {
    this.maxId = maxId;
  }

  void check(JsonNode tokenizer) {
    for (String place : new TreeSet<>(KINDS.keySet())) {
      growth = 1;
      if (!isNone(tokenizer.path(place))) {
        part(place, tokenizer.get(place), place, 1);
      }
    }
  }

  private void part(String place, JsonNode part, String where, int depth) {
    if (++parts > MAX_PARTS || depth > MAX_DEPTH) {
      throw new BadInputException(
          "tokenizer.json: %s: expected at most %d parts, nested at most %d deep, found more."
              .formatted(where, MAX_PARTS, MAX_DEPTH));
    }
    String kind = TokenizerCheck.text(part.path("type"), where + ".type");
    Set<Field> fields = KINDS.get(place).get(kind);
    if (fields == null) {
      throw new BadInputException(
          "tokenizer.json: %s: unknown kind %s; known: %s."
              .formatted(
                  where,
                  quoted(kind),
                  String.join(", ", new TreeSet<>(KINDS.get(place).keySet()))));
    }
    for (Field field : fields) {
      switch (field) {
        case NORMALIZERS, PRETOKENIZERS, PROCESSORS, DECODERS ->
            sequence(place, need(part, field.key()), where + "." + field.key(), depth);
        case CHARSMAP -> Charsmap.check(TokenizerCheck.text(need(part, field.key()), where));
        case PATTERN -> pattern(need(part, field.key()), where + ".pattern");
        case CONTENT, PREPEND -> text(part.path(field.key()), where + "." + field.key());
        case DELIMITER, REPLACEMENT -> character(part.path(field.key()), where + "." + field.key());
        case LENGTH -> {
          if (TokenizerCheck.integer(part.path("length"), Integer.MAX_VALUE, where + ".length")
              == 0) {
            throw fault("expected a length above 0 for " + where, part);
          }
        }
        case TEMPLATE -> template(part, where);
        case STRIP -> {
          character(part.path("content"), where + ".content");
          TokenizerCheck.integer(part.path("start"), MAX_TEXT_CHARACTERS, where + ".start");
          // A token shorter than this would end the JVM (decoders/strip.rs).
          TokenizerCheck.integer(part.path("stop"), 0, where + ".stop");
        }
      }
    }
    if (fields.contains(Field.CONTENT)) {
      grow(part, where);
    }
  }

  /** Replacements one after another could make a text of a letter fill the memory. */
  private void grow(JsonNode replace, String where) {
    JsonNode literal = replace.path("pattern").path("String");
    int from = literal.isTextual() ? literal.textValue().length() : 1;
    int to = replace.get("content").textValue().length();
    growth *= Math.max(1, (to + from - 1) / from);
    if (growth > MAX_GROWTH) {
      throw new BadInputException(
          "tokenizer.json: %s: expected replacements that make a text at most %d times longer, found more."
              .formatted(where, MAX_GROWTH));
    }
  }

  private void sequence(String place, JsonNode list, String where, int depth) {
    if (!list.isArray()) {
      throw fault("expected a list for " + where, list);
    }
    for (int i = 0; i < list.size(); i++) {
      part(place, list.get(i), where + "[" + i + "]", depth + 1);
    }
  }

  private static void pattern(JsonNode pattern, String where) {
    JsonNode regex = pattern.path("Regex");
    if (regex.isTextual()) {
      PatternCheck.check(TokenizerCheck.text(regex, where), where);
    } else if (text(pattern.path("String"), where).isEmpty()) {
      throw fault("expected a text or a pattern for " + where, pattern);
    }
  }

  private static String text(JsonNode node, String where) {
    String text = TokenizerCheck.text(node, where);
    if (text.length() > MAX_TEXT_CHARACTERS) {
      throw new BadInputException(
          "tokenizer.json: expected at most %d characters for %s, found %d."
              .formatted(MAX_TEXT_CHARACTERS, where, text.length()));
    }
    return text;
  }

  private static void character(JsonNode node, String where) {
    String text = TokenizerCheck.text(node, where);
    if (text.codePointCount(0, text.length()) != 1) {
      throw fault("expected one character for " + where, node);
    }
  }

  /** The native side looks special tokens up without asking whether they are there. */
  private void template(JsonNode template, String where) {
    JsonNode special = template.path("special_tokens");
    for (var token : special.properties()) {
      JsonNode ids = token.getValue().path("ids");
      JsonNode tokens = token.getValue().path("tokens");
      if (!ids.isArray()
          || !tokens.isArray()
          || ids.size() != tokens.size()
          || ids.size() > MAX_PARTS) {
        throw fault(
            "expected as many ids as tokens for %s.special_tokens of %s"
                .formatted(where, quoted(token.getKey())),
            token.getValue());
      }
      for (JsonNode id : ids) {
        TokenizerCheck.integer(id, maxId, where + ".special_tokens");
      }
    }
    for (String key : List.of("single", "pair")) {
      JsonNode pieces = template.path(key);
      if (!pieces.isArray() || pieces.size() > MAX_PARTS) {
        throw fault("expected a list for %s.%s".formatted(where, key), pieces);
      }
      int texts = 0;
      for (JsonNode piece : pieces) {
        String sequence = piece.path("Sequence").path("id").asText("");
        String token = piece.path("SpecialToken").path("id").asText("");
        boolean known =
            special.has(token)
                || sequence.equals("A")
                || (sequence.equals("B") && key.equals("pair"));
        if (!known || (!sequence.isEmpty() && !token.isEmpty())) {
          throw fault(
              "%s.%s: expected the text or a token of special_tokens".formatted(where, key), piece);
        }
        texts += sequence.isEmpty() ? 0 : 1;
      }
      if (key.equals("single") && texts != 1) {
        throw fault("%s.%s: expected the text once".formatted(where, key), pieces);
      }
    }
  }

  /** Fields that are checked; the others are plain or their faults harmless. */
  private enum Field {
    CHARSMAP("precompiled_charsmap"),
    PATTERN("pattern"),
    CONTENT("content"),
    PREPEND("prepend"),
    DELIMITER("delimiter"),
    REPLACEMENT("replacement"),
    LENGTH("length"),
    TEMPLATE("single"),
    STRIP("stop"),
    NORMALIZERS("normalizers"),
    PRETOKENIZERS("pretokenizers"),
    PROCESSORS("processors"),
    DECODERS("decoders");

    private final String key;

    Field(String key) {
      this.key = key;
    }

    String key() {
      return key;
    }
  }

  /** Builds one line of {@link #KINDS}. */
  private record Kinds(Map<String, Set<Field>> kinds) {
    Kinds and(String kind, Field... fields) {
      kinds.put(kind, Set.of(fields));
      return this;
    }
  }

  private static Kinds kinds(String plain) {
    var kinds = new Kinds(new java.util.HashMap<>());
    for (String kind : plain.split(" ", -1)) {
      kinds.and(kind);
    }
    return kinds;
  }
}
