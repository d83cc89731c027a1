package dev.whetstone.artifacts.result;

/**
 * Columns of {@code samples.arrow} (Arrow IPC stream), a row per request: what the model thought of
 * every scored token.
 */
public final class TokenLogProbs {
  public static final String FILE = "samples.arrow";

  /** utf8. */
  public static final String TASK = "task";

  /** int32: the document, as in the samples file. */
  public static final String DOC_ID = "doc_id";

  /** int32: the request of that document, from 0, such as the number of a choice. */
  public static final String REQUEST = "request";

  /** list of int32, [T]: the scored tokens. */
  public static final String TOKENS = "tokens";

  /** list of float32, [T]: natural logarithms, never above 0. */
  public static final String LOG_PROBS = "log_probs";

  /** bool: whether each token was the likeliest. */
  public static final String GREEDY = "greedy";

  private TokenLogProbs() {}
}
