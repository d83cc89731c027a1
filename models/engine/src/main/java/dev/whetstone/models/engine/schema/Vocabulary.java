package dev.whetstone.models.engine.schema;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.models.engine.schema.Terms.Term;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The tokens of a model by their bytes: a trie, laid out as the sorted list of its tokens and what
 * each shares with the one before. Immutable.
 */
public final class Vocabulary {
  private final byte[][] bytes; // by id; empty: no text
  private final int[] sorted; // ids with text, by their bytes
  private final int[] shared; // bytes that a sorted token shares with the one before
  private final int longest; // in bytes
  private final Set<Integer> ends;

  /**
   * @param bytes of each token that the model can predict, by its id, [V]; empty for a token that
   *     is not text
   * @param ends ids that end a text
   */
  public Vocabulary(List<byte[]> bytes, Set<Integer> ends) {
    this.bytes = bytes.toArray(byte[][]::new);
    this.ends = Set.copyOf(ends.stream().filter(end -> end < this.bytes.length).toList());
    this.sorted =
        IntStream.range(0, this.bytes.length)
            .filter(token -> this.bytes[token].length > 0 && !this.ends.contains(token))
            .boxed()
            .sorted((a, b) -> Arrays.compareUnsigned(this.bytes[a], this.bytes[b]))
            .mapToInt(Integer::intValue)
            .toArray();
    this.longest = Arrays.stream(sorted).map(token -> bytes(token).length).max().orElse(0);
    this.shared = new int[sorted.length];
    for (int i = 1; i < sorted.length; i++) {
      int difference = Arrays.mismatch(bytes(sorted[i - 1]), bytes(sorted[i]));
      shared[i] = difference < 0 ? bytes(sorted[i]).length : difference;
    }
  }

  private byte[] bytes(int token) {
    return bytes[token];
  }

  /**
   * @throws BadInputException if a byte that documents may need is no token of its own, so that a
   *     text could come to a place where nothing may follow
   */
  void check(JsonSchema schema) {
    var single = new BitSet();
    for (int token : sorted) {
      if (bytes(token).length == 1) {
        single.set(bytes(token)[0] & 0xFF);
      }
    }
    var needed = new BitSet();
    needed.set(' ', '~' + 1);
    for (byte one : schema.toString().getBytes(StandardCharsets.UTF_8)) {
      needed.set(one & 0xFF);
    }
    needed.andNot(single);
    if (!needed.isEmpty()) {
      throw new BadInputException(
          "a schema needs a vocabulary in which each of its bytes is a token, but %d are none, the first %#04x; this model cannot be held to a schema."
              .formatted(needed.cardinality(), needed.nextSetBit(0)));
    }
  }

  /** Tokens after which a document can still be completed, and the ends where it is complete. */
  BitSet allowed(Term state, Terms terms) {
    var allowed = new BitSet(bytes.length);
    var path = new Term[longest + 1]; // states after the bytes of the token before
    path[0] = state;
    int dead = Integer.MAX_VALUE; // place of the byte of the token before that cannot follow
    for (int i = 0; i < sorted.length; i++) {
      if (shared[i] > dead) {
        continue; // it has the same byte there
      }
      dead = Integer.MAX_VALUE;
      byte[] token = bytes(sorted[i]);
      for (int at = shared[i]; at < token.length && dead == Integer.MAX_VALUE; at++) {
        path[at + 1] = path[at].after(token[at] & 0xFF);
        dead = path[at + 1] == terms.nothing ? at : dead;
      }
      allowed.set(sorted[i], dead == Integer.MAX_VALUE);
    }
    if (state.isNullable()) {
      ends.forEach(allowed::set);
    }
    return allowed;
  }

  /** The state after a token that is allowed. */
  Term after(Term state, int token) {
    Term next = state;
    for (byte one : bytes(token)) {
      next = next.after(one & 0xFF);
    }
    return next;
  }
}
