package dev.whetstone.models.text.jinja;

/**
 * How templates are read and how missing values behave.
 *
 * @param trimBlocks drop the first line break after a block
 * @param lstripBlocks drop white space before a block at the start of a line
 * @param keepTrailingNewline keep one line break at the end of the template
 * @param strictUndefined a missing value raises when it is used
 */
public record Environment(
    boolean trimBlocks,
    boolean lstripBlocks,
    boolean keepTrailingNewline,
    boolean strictUndefined) {

  /** Chat templates: transformers, utils/chat_template_utils.py, _compile_jinja_template. */
  public static Environment chat() {
    return new Environment(true, true, false, false);
  }

  /** Benchmark templates: lm-evaluation-harness, lm_eval/utils.py, apply_template. */
  public static Environment task() {
    return new Environment(false, false, true, true);
  }
}
