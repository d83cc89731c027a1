package dev.whetstone.eval.answer;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.eval.python.PythonText;
import dev.whetstone.models.engine.LanguageModel.ScoreRequest;
import dev.whetstone.models.text.Tokenizer;
import java.util.Arrays;
import java.util.OptionalInt;

/**
 * Token ids of requests, as {@code lm_eval/api/model.py} ({@code _encode_pair}, {@code
 * loglikelihood}) and {@code lm_eval/models/huggingface.py} make them.
 *
 * <p>Remembers the last context, since the choices of a document share it. Not thread-safe.
 */
final class RequestEncoding {
  private final Tokenizer tokenizer;
  private final int maxLength;
  private final int prefixToken;
  private final String prefixText;
  private final String bosText;
  private String lastContext;
  private int[] lastContextTokens;
  private int truncated;

  /**
   * @param maxLength longest input of the model, in tokens
   */
  RequestEncoding(Tokenizer tokenizer, int maxLength) {
    this.tokenizer = tokenizer;
    this.maxLength = maxLength;
    OptionalInt prefix = tokenizer.bos().isPresent() ? tokenizer.bos() : tokenizer.eos();
    this.prefixToken =
        prefix.orElseThrow(
            () ->
                new BadInputException(
                    "the tokenizer has neither a BOS nor an EOS token, one of which starts an empty"
                        + " context."));
    this.prefixText = tokenizer.tokenText(prefixToken);
    this.bosText = tokenizer.bos().isPresent() ? prefixText : "";
  }

  /** Requests so far whose context lost tokens at its beginning. */
  int truncated() {
    return truncated;
  }

  /**
   * A continuation after its context; both have at least one token, together at most {@code
   * maxLength + 1}, of which the last is only predicted.
   */
  ScoreRequest pair(String context, String continuation) {
    String head = PythonText.rstrip(context);
    String tail = context.substring(head.length()) + continuation;
    int[] before;
    int[] scored;
    if (head.isEmpty()) {
      before = new int[] {prefixToken};
      scored = tokenizer.encode(tail, false);
      if (scored.length > 1 && scored[0] == prefixToken) {
        scored = Arrays.copyOfRange(scored, 1, scored.length);
      }
    } else {
      int[] whole = encode(head + tail, prefixText);
      before = contextTokens(head);
      // The split is by length: a merge across the seam belongs to the continuation.
      before = Arrays.copyOf(whole, Math.min(before.length, whole.length));
      scored = Arrays.copyOfRange(whole, before.length, whole.length);
    }
    if (scored.length == 0) {
      throw new BadInputException(
          "the continuation \"%s\" has no token of its own after its context; change the task."
              .formatted(continuation));
    }
    if (scored.length > maxLength) {
      throw new BadInputException(
          "a continuation has %d tokens, the model takes %d at most."
              .formatted(scored.length, maxLength));
    }
    int kept = Math.min(before.length, maxLength + 1 - scored.length);
    if (kept < before.length) {
      truncated++;
      before = Arrays.copyOfRange(before, before.length - kept, before.length);
    }
    return new ScoreRequest(before, scored);
  }

  /**
   * A prompt after which {@code maxNewTokens} are to fit. What does not fit is lost at its
   * beginning.
   */
  int[] prompt(String text, int maxNewTokens) {
    int room = maxLength - maxNewTokens;
    if (room <= 0) {
      throw new BadInputException(
          "%d new tokens are asked for, the model takes %d in all; lower max_gen_toks."
              .formatted(maxNewTokens, maxLength));
    }
    int[] tokens = encode(text, bosText);
    if (tokens.length == 0) {
      return new int[] {prefixToken};
    }
    if (tokens.length > room) {
      truncated++;
      return Arrays.copyOfRange(tokens, tokens.length - room, tokens.length);
    }
    return tokens;
  }

  private int[] contextTokens(String context) {
    if (!context.equals(lastContext)) {
      lastContextTokens = encode(context, prefixText);
      lastContext = context;
    }
    return lastContextTokens;
  }

  /** Special tokens are the tokenizer's affair unless the text already begins with one. */
  private int[] encode(String text, String alreadyThere) {
    boolean begun = !alreadyThere.isEmpty() && text.startsWith(alreadyThere);
    return tokenizer.encode(text, !begun);
  }
}
