package dev.whetstone.eval.task;

/** What a task asks of a model. */
public enum OutputType {
  /** A continuation's probability, whether it is the likeliest. */
  LOGLIKELIHOOD,
  /** Which of several continuations is the likeliest. */
  MULTIPLE_CHOICE,
  /** Text up to a stop string. */
  GENERATE_UNTIL;

  /** As in a task file. */
  public String key() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
