package dev.whetstone.leaderboard.entry;

import static java.util.Objects.requireNonNull;

import dev.whetstone.artifacts.Publish;

/**
 * How much of one task's result others may see. Answers never show more than documents.
 *
 * @param documents prompts and expected answers: what the task says
 * @param answers what the model said: what the task says, and no more than the datasets allow that
 *     the model was trained on, since it can repeat their rows
 */
public record Publishing(Publish documents, Publish answers) {
  public Publishing {
    requireNonNull(documents, "documents is null");
    answers = requireNonNull(answers, "answers is null").strictest(documents);
  }

  /** This, but no more than {@code limit} of anything. */
  public Publishing atMost(Publish limit) {
    return new Publishing(documents.strictest(limit), answers);
  }
}
