package dev.whetstone.models.engine.generation;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * Turns the tokens of one request into pieces of text as they come. Held back are characters whose
 * bytes are not all there, and what may be the beginning of a stop string.
 *
 * <p>Only the last tokens are decoded anew, behind those before them, since some decoders drop a
 * space at the start of a text.
 */
public final class TextStream {
  /** Decoders give this for bytes that are no character, or none yet. */
  private static final char REPLACEMENT = '\uFFFD';

  private final Function<int[], String> decode;
  private final List<String> stop;
  private final StringBuilder held = new StringBuilder(); // decoded, not yet told
  private int[] window = {}; // from the first token of the context on
  private int context; // tokens of the window that are decoded already
  private String contextText = "";
  private int told;

  /**
   * @param decode tokens to text
   * @param stop the text ends before any of these; none is empty
   */
  public TextStream(Function<int[], String> decode, List<String> stop) {
    this.decode = decode;
    this.stop = List.copyOf(stop);
  }

  /** What can be told after one more token; often nothing. */
  public String add(int token) {
    window = Arrays.copyOf(window, window.length + 1);
    window[window.length - 1] = token;
    String text = decode.apply(window);
    boolean more = text.length() > contextText.length();
    if (!more || text.charAt(text.length() - 1) == REPLACEMENT) {
      return "";
    }
    held.append(text, contextText.length(), text.length());
    window = Arrays.copyOfRange(window, context, window.length);
    context = window.length;
    contextText = decode.apply(window);
    if (stop.stream().anyMatch(end -> held.indexOf(end) >= 0)) {
      return ""; // the caller ends here and knows the text
    }
    int sure = held.length() - possibleStop();
    String piece = held.substring(0, sure);
    held.delete(0, sure);
    told += sure;
    return piece;
  }

  /** Characters at the end that may be the beginning of a stop string. */
  private int possibleStop() {
    int longest = 0;
    for (String end : stop) {
      for (int n = Math.min(end.length() - 1, held.length()); n > longest; n--) {
        if (held.substring(held.length() - n).equals(end.substring(0, n))) {
          longest = n;
        }
      }
    }
    return longest;
  }

  /** The rest of {@code text}, which is all of the request's. */
  public String end(String text) {
    assert text.length() >= told : "more was told than there is";
    String rest = text.substring(Math.min(told, text.length()));
    told = text.length();
    return rest;
  }
}
