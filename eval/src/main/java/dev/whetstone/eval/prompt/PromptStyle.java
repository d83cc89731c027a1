package dev.whetstone.eval.prompt;

import static java.util.Objects.requireNonNull;

import dev.whetstone.models.text.ChatTemplate;
import java.util.Optional;

/**
 * What a run says about prompts beside the task itself.
 *
 * @param numFewshot shots, where the run overrides the task's number
 * @param systemInstruction empty for none
 * @param chatTemplate plain text without
 * @param fewshotAsMultiturn whether shots are turns of the chat or all in one user turn
 * @param seed of the shots
 */
public record PromptStyle(
    Optional<Integer> numFewshot,
    String systemInstruction,
    Optional<ChatTemplate> chatTemplate,
    boolean fewshotAsMultiturn,
    long seed) {
  /** lm_eval/defaults.py, DEFAULT_FEWSHOT_SEED. */
  public static final long DEFAULT_SEED = 1234;

  public PromptStyle {
    requireNonNull(numFewshot, "numFewshot is null");
    requireNonNull(systemInstruction, "systemInstruction is null");
    requireNonNull(chatTemplate, "chatTemplate is null");
  }

  /** Plain text, shots as the task says. */
  public static PromptStyle plain() {
    return new PromptStyle(Optional.empty(), "", Optional.empty(), true, DEFAULT_SEED);
  }
}
