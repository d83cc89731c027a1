package dev.whetstone.models.text;

import static dev.whetstone.models.text.TokenizerJson.object;

import dev.whetstone.artifacts.BadInputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A SentencePiece vocabulary of the kind BPE as a {@code tokenizer.json}: what Hugging Face's
 * tokenizers need in order to cut a text into the same pieces (Kudo and Richardson, arXiv
 * 1808.06226). SentencePiece joins the two neighbours whose union has the best score; tokenizers
 * join by a list of pairs in order, so the list is made of the scores, as transformers 5.23 does
 * (tokenization_utils_tokenizers.py, generate_merges).
 *
 * @param pieces by id
 * @param prefixSpace whether a space goes before a text (add_dummy_prefix)
 * @param singleSpaces whether spaces at both ends go and several become one
 *     (remove_extra_whitespaces)
 * @param charsmap what characters become (precompiled_charsmap), base64; empty for what they are
 */
public record SentencePieces(
    List<Piece> pieces, boolean prefixSpace, boolean singleSpaces, String charsmap) {
  /** What SentencePiece writes for a space: U+2581. */
  private static final String SPACE = "\u2581";

  /** Far above the pieces of any vocabulary; the pairs of a piece grow with its length. */
  private static final int MAX_JOINED_CHARACTERS = 512;

  /** Kinds of pieces, in the order of sentencepiece_model.proto, from 1. */
  public enum Kind {
    NORMAL,
    UNKNOWN,
    CONTROL,
    USER_DEFINED,
    UNUSED,
    BYTE;

    /**
     * The kind of a number in a file.
     *
     * @throws BadInputException if there is none
     */
    public static Kind of(long number) {
      if (number < 1 || number > values().length) {
        throw new BadInputException(
            "expected the kind of a piece from 1 to %d, found %d."
                .formatted(values().length, number));
      }
      return values()[(int) number - 1];
    }

    /** The number of this kind in a file. */
    public int number() {
      return Arrays.asList(values()).indexOf(this) + 1;
    }
  }

  /** A piece of text with the logarithm of its weight. */
  public record Piece(String text, double score, Kind kind) {}

  public SentencePieces {
    pieces = List.copyOf(pieces);
  }

  /**
   * The content of {@code tokenizer.json}. Control and user-defined pieces are tokens of their own,
   * found in a text before it is cut.
   *
   * @param postProcessor what adds special tokens around a text, or {@code null}
   * @throws BadInputException if two pieces are alike or the unknown piece is not one
   */
  public Map<String, Object> tokenizerJson(Map<String, Object> postProcessor) {
    var vocabulary = new LinkedHashMap<String, Integer>();
    var added = new ArrayList<Map<String, Object>>();
    String unknown = null;
    boolean bytes = false;
    for (Piece piece : pieces) {
      if (vocabulary.put(piece.text(), vocabulary.size()) != null) {
        throw new BadInputException("the piece \"%s\" occurs twice.".formatted(piece.text()));
      }
      if (piece.kind() == Kind.UNKNOWN) {
        if (unknown != null) {
          throw new BadInputException(
              "expected one unknown piece, found \"%s\" and \"%s\"."
                  .formatted(unknown, piece.text()));
        }
        unknown = piece.text();
      }
      bytes |= piece.kind() == Kind.BYTE;
      boolean special = piece.kind() == Kind.CONTROL || piece.kind() == Kind.UNKNOWN;
      // Runs of spaces are found by joining: in the text they are not yet what the piece says.
      if (special || (piece.kind() == Kind.USER_DEFINED && !piece.text().contains(SPACE))) {
        added.add(TokenizerJson.addedToken(vocabulary.size() - 1, piece.text(), special));
      }
    }
    Map<String, Object> model =
        TokenizerJson.bpe(vocabulary, merges(vocabulary), unknown, bytes, false);
    return TokenizerJson.of(added, normalizer(), null, postProcessor, decoder(), model);
  }

  private record Pair(String left, String right, double score) {
    /** Code points, as Python counts. */
    int leftLength() {
      return left.codePointCount(0, left.length());
    }

    int rightLength() {
      return right.codePointCount(0, right.length());
    }
  }

  /** Every way to make a piece of two others, best score first. */
  private List<List<String>> merges(Map<String, Integer> vocabulary) {
    var pairs = new ArrayList<Pair>();
    for (Piece piece : pieces) {
      String whole = piece.text();
      if (!joinable(piece) || whole.length() > MAX_JOINED_CHARACTERS) {
        continue;
      }
      var own = new ArrayList<Pair>();
      for (int at = 1; at < whole.length(); at++) {
        String left = whole.substring(0, at);
        String right = whole.substring(at);
        if (joinable(vocabulary, left) && joinable(vocabulary, right)) {
          own.add(new Pair(left, right, piece.score()));
        }
      }
      own.sort(
          Comparator.<Pair>comparingInt(p -> vocabulary.get(p.left()))
              .thenComparingInt(p -> vocabulary.get(p.right())));
      pairs.addAll(own);
    }
    pairs.sort(
        Comparator.comparingDouble(Pair::score)
            .thenComparingInt(Pair::leftLength)
            .thenComparingInt(Pair::rightLength)
            .reversed());
    return pairs.stream().map(p -> List.of(p.left(), p.right())).toList();
  }

  private boolean joinable(Map<String, Integer> vocabulary, String text) {
    Integer id = vocabulary.get(text);
    return id != null && joinable(pieces.get(id));
  }

  private static boolean joinable(Piece piece) {
    return piece.kind() == Kind.NORMAL
        || (piece.kind() == Kind.USER_DEFINED && piece.text().contains(SPACE));
  }

  private Map<String, Object> normalizer() {
    var steps = new ArrayList<Map<String, Object>>();
    if (!charsmap.isEmpty()) {
      steps.add(object("type", "Precompiled", "precompiled_charsmap", charsmap));
    }
    if (singleSpaces) {
      steps.add(object("type", "Strip", "strip_left", true, "strip_right", true));
      steps.add(
          object(
              "type", "Replace",
              "pattern", object("Regex", " {2,}"),
              "content", " "));
    }
    if (prefixSpace) {
      steps.add(object("type", "Prepend", "prepend", SPACE));
    }
    steps.add(replace(" ", SPACE));
    return object("type", "Sequence", "normalizers", steps);
  }

  private Map<String, Object> decoder() {
    var steps = new ArrayList<Map<String, Object>>();
    steps.add(replace(SPACE, " "));
    steps.add(object("type", "ByteFallback"));
    steps.add(object("type", "Fuse"));
    if (prefixSpace) {
      steps.add(object("type", "Strip", "content", " ", "start", 1, "stop", 0));
    }
    return object("type", "Sequence", "decoders", steps);
  }

  private static Map<String, Object> replace(String pattern, String by) {
    return object("type", "Replace", "pattern", object("String", pattern), "content", by);
  }
}
