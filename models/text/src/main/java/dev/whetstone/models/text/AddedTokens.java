package dev.whetstone.models.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Tokens that are found in a text as they stand, before it is cut into words: the leftmost, of
 * those the longest (tokenizers, added_vocabulary.rs).
 */
final class AddedTokens {
  private final Map<Character, List<Entry>> byFirst = new HashMap<>();
  private final boolean[] begins = new boolean[128];
  private boolean beginsBeyond;

  private record Entry(String content, int id) {}

  /** Half-open span of a token in the text, in UTF-16 units. */
  record Match(int id, int start, int end) {}

  private AddedTokens() {}

  /** Empty if one of them takes white space along, wants to stand alone, or is normalised. */
  static Optional<AddedTokens> of(JsonNode tokens) {
    var added = new AddedTokens();
    for (JsonNode token : tokens) {
      for (String flag : new String[] {"single_word", "lstrip", "rstrip", "normalized"}) {
        if (token.path(flag).asBoolean()) {
          return Optional.empty();
        }
      }
      String content = token.path("content").asText();
      char first = content.charAt(0);
      added
          .byFirst
          .computeIfAbsent(first, c -> new ArrayList<>())
          .add(new Entry(content, token.path("id").asInt()));
      if (first < 128) {
        added.begins[first] = true;
      } else {
        added.beginsBeyond = true;
      }
    }
    added
        .byFirst
        .values()
        .forEach(
            entries ->
                entries.sort(
                    Comparator.comparingInt((Entry entry) -> entry.content().length()).reversed()));
    return Optional.of(added);
  }

  /** The next token at or after {@code from}; null if there is none. */
  Match next(String text, int from) {
    for (int at = from; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c < 128 ? begins[c] : beginsBeyond) {
        for (Entry entry : byFirst.getOrDefault(c, List.of())) {
          if (text.startsWith(entry.content(), at)) {
            return new Match(entry.id(), at, at + entry.content().length());
          }
        }
      }
    }
    return null;
  }
}
